#pragma once

#include <filesystem>

namespace einet::io {

/// Identifies the directory at a path, following links. A reader whose reading failed can check with it whether a
/// writer replaced the directory in the meantime.
class DirectoryIdentity {
 public:
  explicit DirectoryIdentity(const std::filesystem::path& path);
  ~DirectoryIdentity();
  DirectoryIdentity(const DirectoryIdentity&) = delete;
  DirectoryIdentity& operator=(const DirectoryIdentity&) = delete;

  /// Whether another directory is at the path now, or none, or there was none before.
  bool changed() const;

 private:
  std::filesystem::path path_;
  int descriptor_;  ///< Kept open, so that no new directory gets the same inode number. -1 if there was no directory.
};

}  // namespace einet::io
