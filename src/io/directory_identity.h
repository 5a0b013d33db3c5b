#pragma once

#include <filesystem>

namespace einet::io {

/// Which directory is at a path, links followed. Lets a reader find out whether its failure only means that a writer
/// replaced the directory meanwhile.
class DirectoryIdentity {
 public:
  explicit DirectoryIdentity(const std::filesystem::path& path);
  ~DirectoryIdentity();
  DirectoryIdentity(const DirectoryIdentity&) = delete;
  DirectoryIdentity& operator=(const DirectoryIdentity&) = delete;

  /// Another directory is at the path now, or none, or there was none.
  bool changed() const;

 private:
  std::filesystem::path path_;
  int descriptor_;  ///< Open, so that no new directory gets the same inode number. -1 where there was no directory.
};

}  // namespace einet::io
