#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "io/disposable.h"
#include "io/posix.h"

namespace einet::io {

enum class LockState {
  kHeld,
  kTaken,       ///< By another process or thread, or the file is not the one at `path` any more.
  kImpossible,  ///< The file system has no locks.
};

/// Tries to lock an open file until it is closed; it must still be the one at `path`.
LockState lock(const Descriptor& file, const std::filesystem::path& path);

/// Excludes other processes and threads that change the directory `place`. The lock is on the hidden file ".NAME.lock"
/// beside it, so it survives replacing the directory. The file exists only while the lock is held, or if its holder was
/// killed. Reading needs no lock. On a file system without locks, there is no exclusion.
class DirectoryLock {
 public:
  /// Waits for others, but not longer than `patience`. Throws kIo naming `shown`.
  DirectoryLock(const std::filesystem::path& place, const std::filesystem::path& shown,
                std::chrono::milliseconds patience = std::chrono::minutes(1));

  /// False where the file system has no locks.
  bool excludes_others() const { return excludes_others_; }

 private:
  Descriptor file_;  // Closed last: only who holds the lock removes the file.
  std::optional<Disposable> disposable_;
  bool excludes_others_ = false;
};

}  // namespace einet::io
