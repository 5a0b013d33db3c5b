// The holder of a lock removes the lock file. A process that waited for the lock may therefore have locked a file that
// no longer has a name, or whose name now belongs to a newer file. After locking, it checks that the file is still the
// one at the path, and otherwise opens the path again.

#include "io/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <thread>

#include "io/hidden_name.h"
#include "io/system_calls.h"

namespace einet::io {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::milliseconds kPause{10};

Descriptor open_lock_file(const fs::path& path) {
  Descriptor file(system_calls::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  // A file of another user: it can be locked without write permission.
  if (!file.valid() && errno == EACCES) {
    Descriptor readable(system_calls::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (readable.valid()) return readable;
    errno = EACCES;
  }
  return file;
}

}  // namespace

LockState lock(const Descriptor& file, const fs::path& path) {
  while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    return errno == EWOULDBLOCK ? LockState::kTaken : LockState::kImpossible;
  }
  struct stat locked {
  }, present{};
  const bool same = ::fstat(file.get(), &locked) == 0 && ::lstat(path.c_str(), &present) == 0 &&
                    locked.st_dev == present.st_dev && locked.st_ino == present.st_ino;
  return same ? LockState::kHeld : LockState::kTaken;
}

DirectoryLock::DirectoryLock(const fs::path& place, const fs::path& shown, std::chrono::milliseconds timeout)
    : file_(-1) {
  const fs::path path = lock_name(place);
  const auto give_up = std::chrono::steady_clock::now() + timeout;
  while (true) {
    {
      const Uninterrupted uninterrupted;
      file_ = open_lock_file(path);
      if (!file_.valid()) throw io_error(shown, "create");
      const LockState state = lock(file_, path);
      excludes_others_ = state == LockState::kHeld;
      if (state != LockState::kTaken) {
        disposable_.emplace(uninterrupted, path);
        return;
      }
    }
    if (std::chrono::steady_clock::now() > give_up) {
      throw Error(ErrorKind::kIo, shown.string(),
                  "another command is changing it (it holds the lock " + path.string() + "); try again later");
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace einet::io
