#include "io/partial_file.h"

#include <fcntl.h>

#include <cerrno>

#include "io/file_lock.h"
#include "io/hidden_name.h"
#include "io/system_calls.h"

namespace einet::io {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSuffix = "partial";
constexpr int kMostTries = 1000;

}  // namespace

PartialFile::PartialFile(const fs::path& place, unsigned mode, const fs::path& shown)
    : place_(place), shown_(shown), file_(-1) {
  // The name may belong to a leftover of a process with the same number, as happens in containers. Also, another
  // process may take the new file for such a leftover and remove it in the instant before it is locked here.
  for (int tries = 0; !disposable_ && tries < kMostTries; ++tries) {
    const fs::path path = name_beside(place, kSuffix);
    const Uninterrupted uninterrupted;
    file_ = Descriptor(system_calls::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!file_.valid() && errno != EEXIST) break;
    if (file_.valid() && lock(file_, path) != LockState::kTaken) disposable_.emplace(uninterrupted, path);
  }
  if (!disposable_) throw io_error(shown, "create");
}

void PartialFile::put_in_place() {
  {
    const Uninterrupted uninterrupted;
    if (system_calls::rename(path().c_str(), place_.c_str()) != 0) throw io_error(shown_, "replace");
  }
  disposable_->release();
}

void PartialFile::remove_leftovers(const fs::path& place) {
  std::error_code error;
  for (fs::directory_iterator entry(folder_of(place), error), end; !error && entry != end; entry.increment(error)) {
    if (!is_name_beside(place, kSuffix, entry->path().filename().string())) continue;
    if (entry->symlink_status(error).type() != fs::file_type::regular) continue;
    constexpr int kFlags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    Descriptor file(::open(entry->path().c_str(), O_RDWR | kFlags));
    if (!file.valid()) file = Descriptor(::open(entry->path().c_str(), O_RDONLY | kFlags));
    if (file.valid() && lock(file, entry->path()) == LockState::kHeld) system_calls::unlink(entry->path().c_str());
  }
}

}  // namespace einet::io
