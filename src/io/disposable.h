#pragma once

#include <filesystem>
#include <mutex>

namespace einet::io {

/// While one exists, abandon_writes() waits, so that the actions in its scope happen completely or not at all. Keep the
/// scope short, and do not nest.
class Uninterrupted {
 public:
  Uninterrupted();

 private:
  std::lock_guard<std::mutex> lock_;
};

/// A file or directory that is useless unless its writer finishes. It is removed, with all its contents, at the end of
/// the scope or by abandon_writes(), whichever comes first.
class Disposable {
 public:
  /// `path` was created in the scope of `uninterrupted`.
  Disposable(const Uninterrupted& uninterrupted, std::filesystem::path path);
  ~Disposable();
  Disposable(const Disposable&) = delete;
  Disposable& operator=(const Disposable&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// After it was renamed: there is nothing left to remove.
  void release();

 private:
  std::filesystem::path path_;
  bool released_ = false;
};

/// Removes a file, or a directory with all its contents; symbolic links are removed, not followed. After a failure,
/// continues with the rest.
void remove_tree(const std::filesystem::path& path) noexcept;

}  // namespace einet::io
