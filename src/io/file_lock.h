#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "io/disposable.h"
#include "io/posix.h"

namespace einet::io {

enum class LockState {
  kHeld,
  kTaken,       ///< By another process or thread; or the file is no longer the one at `path`.
  kImpossible,  ///< The file system does not support locks.
};

/// Tries to lock an open file, which must still be the one at `path`. The lock lasts until the file is closed.
LockState lock(const Descriptor& file, const std::filesystem::path& path);

/// Excludes other processes and threads that change the directory `place`. The lock is on the hidden file ".NAME.lock"
/// beside it, so it outlives a replacement of the directory. The file exists only while the lock is held, or if its
/// holder was killed. Reading needs no lock. On a file system without locks, there is no exclusion.
class DirectoryLock {
 public:
  /// Waits for other holders, but no longer than `timeout`. Throws kIo naming `shown`.
  DirectoryLock(const std::filesystem::path& place, const std::filesystem::path& shown,
                std::chrono::milliseconds timeout = std::chrono::minutes(1));

  /// False if the file system does not support locks.
  bool excludes_others() const { return excludes_others_; }

 private:
  Descriptor file_;  // Closed last: the file may be removed only while the lock is held.
  std::optional<Disposable> disposable_;
  bool excludes_others_ = false;
};

}  // namespace einet::io
