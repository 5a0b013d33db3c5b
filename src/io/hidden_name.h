#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace einet::io {

// The hidden files and folders beside an output (docs/formats.md). Names too long for the file system are truncated.

/// ".NAME.<pid>-<count>.<suffix>" in the folder of `path`; every call in a process returns a different name.
std::filesystem::path name_beside(const std::filesystem::path& path, std::string_view suffix);

/// Whether `name` has the form of name_beside(), whatever the process.
bool is_name_beside(const std::filesystem::path& path, std::string_view suffix, const std::string& name);

/// ".NAME.lock" in the folder of `path`.
std::filesystem::path lock_name(const std::filesystem::path& path);

}  // namespace einet::io
