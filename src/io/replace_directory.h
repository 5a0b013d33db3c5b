#pragma once

#include <filesystem>

namespace einet::io {

/// Renames the directory `staging` to `place` if that does not exist, otherwise exchanges the two atomically, and waits
/// for the disk. Uses replace_by_two_renames() if the file system cannot exchange names. Afterwards `staging` holds the
/// old content of `place`, or does not exist. Throws kIo naming `shown`; `place` is then unchanged.
void replace_directory(const std::filesystem::path& staging, const std::filesystem::path& place,
                       const std::filesystem::path& shown);

/// Replaces the existing directory `place` by `staging`: renames the old one to a name with the suffix "old", then the
/// new one. Throws kIo; `place` is then unchanged.
void replace_by_two_renames(const std::filesystem::path& staging, const std::filesystem::path& place,
                            const std::filesystem::path& shown);

/// Removes what killed writers left beside `place`; if `place` is missing, first puts the old directory back. The
/// caller excludes other writers.
void clear_leftovers(const std::filesystem::path& place);

}  // namespace einet::io
