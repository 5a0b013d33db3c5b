#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

namespace einet::io {

/// A directory that appears whole or not at all: files are written into path(), beside the final place; commit()
/// renames it into place, and removes the directory that was there. Without commit() it is removed, and so it is by
/// abandon_writes().
///
/// From construction on, other StagedDirectories for the same place wait, in any process, so a directory can be read,
/// changed and replaced without losing what another writer did in between. Readers are not excluded.
///
/// `final_path` may be a symbolic link, which stays and may be dangling, end in a slash, or be ".". What killed writers
/// left is removed first, or put back where only that is left of the directory.
class StagedDirectory {
 public:
  /// Throws kIo: the place cannot be written, or another writer does not finish within a minute.
  explicit StagedDirectory(const std::filesystem::path& final_path);
  ~StagedDirectory();
  StagedDirectory(const StagedDirectory&) = delete;
  StagedDirectory& operator=(const StagedDirectory&) = delete;

  const std::filesystem::path& path() const;
  /// Writes a new file by its path relative to path(), with the folders that it lies in. Throws kIo.
  void write(const std::filesystem::path& file, std::string_view bytes);
  /// The directory and the files that were there before, under the same names, pass on permissions, owner and extended
  /// attributes. Throws kIo with the old directory in place, whole.
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The directory that `path` stands for as an output: symbolic links followed, no slash at the end; has a name. Throws
/// kIo.
std::filesystem::path directory_place(const std::filesystem::path& path);

/// Throws kIo unless a StagedDirectory for `path` can be made: for use before long work. Writes nothing.
void check_output_directory(const std::filesystem::path& path);

/// Where `path` is missing because the replacement of a directory is under way, or was cut off (on file systems that
/// cannot exchange two names): waits for it, or puts the old directory back. Does nothing where it cannot.
void finish_interrupted_replacement(const std::filesystem::path& path) noexcept;

}  // namespace einet::io
