#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace einet::io {

// The hidden files and folders beside an output (docs/formats.md). A name too long for the file system is cut.

/// ".NAME.<pid>-<count>.<suffix>" in the folder of `path`; no other call of this process gets the same.
std::filesystem::path name_beside(const std::filesystem::path& path, std::string_view suffix);

/// Whether `name` is one that name_beside() gives in any process.
bool is_name_beside(const std::filesystem::path& path, std::string_view suffix, const std::string& name);

/// ".NAME.lock" in the folder of `path`.
std::filesystem::path lock_name(const std::filesystem::path& path);

}  // namespace einet::io
