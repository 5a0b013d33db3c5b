#pragma once

#include <filesystem>
#include <functional>

namespace einet::cli {

/// Runs save(path), the last step of a long computation. If that throws an einet::Error, the result is not lost: it is
/// saved under a new name in the current folder or, failing that, in the temporary one, and the error names that file.
void save_or_rescue(const std::filesystem::path& path, const std::function<void(const std::filesystem::path&)>& save);

}  // namespace einet::cli
