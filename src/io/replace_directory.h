#pragma once

#include <filesystem>

namespace einet::io {

/// Renames the directory `staging` to `place`, which does not exist, or swaps the two, in one step, and waits for the
/// disk. Where the file system cannot swap, replace_by_two_renames(). Throws kIo naming `shown`, with `place` as it
/// was. Afterwards `staging` holds what was in `place`, or does not exist.
void replace_directory(const std::filesystem::path& staging, const std::filesystem::path& place,
                       const std::filesystem::path& shown);

/// Puts `staging` in the place of the existing directory `place` by way of a name with the suffix "old". Throws kIo
/// with `place` as it was.
void replace_by_two_renames(const std::filesystem::path& staging, const std::filesystem::path& place,
                            const std::filesystem::path& shown);

/// What killed writers left beside `place`: removes it, but where `place` is missing, puts the old directory back. The
/// caller excludes other writers.
void clear_leftovers(const std::filesystem::path& place);

}  // namespace einet::io
