#pragma once

#include <filesystem>
#include <mutex>

namespace einet::io {

/// While one exists, abandon_writes() waits: the actions in its scope happen completely or not at all. Keep the
/// scope short, and make no other Uninterrupted in it.
class Uninterrupted {
 public:
  Uninterrupted();

 private:
  std::lock_guard<std::mutex> lock_;
};

/// A file or directory that is worth nothing unless its writer finishes. It is removed, with all that is in it, at the
/// end of the scope or by abandon_writes(), whichever comes first.
class Disposable {
 public:
  /// `path` was made in the same scope of `uninterrupted`.
  Disposable(const Uninterrupted& uninterrupted, std::filesystem::path path);
  ~Disposable();
  Disposable(const Disposable&) = delete;
  Disposable& operator=(const Disposable&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// It was renamed: nothing is to be removed any more.
  void release();

 private:
  std::filesystem::path path_;
  bool released_ = false;
};

/// Removes a file, or a directory with all that is in it; symbolic links are removed, not followed. Goes on after a
/// failure with what else can be removed.
void remove_tree(const std::filesystem::path& path) noexcept;

}  // namespace einet::io
