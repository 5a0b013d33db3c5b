#pragma once

#include <filesystem>

namespace einet::io {

/// Swaps two directories in one step; false (with errno) where the file system cannot, or one does not exist.
bool exchange_directories(const std::filesystem::path& a, const std::filesystem::path& b);

/// Puts `staging` in the place of the existing directory `place` by way of `aside`, for file systems without the
/// exchange. Throws kIo with `place` as it was.
void replace_by_two_renames(const std::filesystem::path& staging, const std::filesystem::path& place,
                            const std::filesystem::path& aside);

}  // namespace einet::io
