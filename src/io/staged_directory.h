#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

namespace einet::io {

/// A directory that appears completely or not at all: files are written into path(), beside the final place; commit()
/// renames it into place and removes the directory that was there. It is removed if commit() is not called, or by
/// abandon_writes().
///
/// From construction on, other StagedDirectories for the same place wait, in any process, so a directory can be read,
/// changed and replaced without losing changes made by another writer in between. Readers are not excluded.
///
/// `final_path` may end in a slash, be ".", or be a symbolic link, which is kept and may be dangling. Leftovers of
/// killed writers are removed first; if the old directory exists only as such a leftover, it is put back.
class StagedDirectory {
 public:
  /// Throws kIo if the place is not writable, or another writer does not finish within a minute.
  explicit StagedDirectory(const std::filesystem::path& final_path);
  ~StagedDirectory();
  StagedDirectory(const StagedDirectory&) = delete;
  StagedDirectory& operator=(const StagedDirectory&) = delete;

  const std::filesystem::path& path() const;
  /// Writes a new file, given by its path relative to path(), and creates its folders. Throws kIo.
  void write(const std::filesystem::path& file, std::string_view bytes);
  /// Permissions, owner and extended attributes are taken over from the old directory and from its files of the same
  /// names. Throws kIo; the old directory is then in place and complete.
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The directory that `path` denotes as an output: symbolic links are followed, there is no slash at the end, and it
/// has a name. Throws kIo.
std::filesystem::path directory_place(const std::filesystem::path& path);

/// Throws kIo unless a StagedDirectory for `path` can be created. For use before long work; writes nothing.
void check_output_directory(const std::filesystem::path& path);

/// If `path` is missing because the replacement of a directory is in progress or was interrupted (on file systems that
/// cannot exchange two names): waits for it, or puts the old directory back. Does nothing if it cannot.
void finish_interrupted_replacement(const std::filesystem::path& path) noexcept;

}  // namespace einet::io
