#pragma once

#include <filesystem>
#include <functional>

namespace einet::cli {

/// Runs save(path), the last step of long work. Where that throws an einet::Error, the result is not lost with it: save
/// is run with a new name in the current folder, or else in the temporary one, and the error says where the result is.
void save_or_rescue(const std::filesystem::path& path, const std::function<void(const std::filesystem::path&)>& save);

}  // namespace einet::cli
