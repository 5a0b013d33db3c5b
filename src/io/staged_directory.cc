#include "io/staged_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "io/attributes.h"
#include "io/disposable.h"
#include "io/file.h"
#include "io/file_lock.h"
#include "io/hidden_name.h"
#include "io/posix.h"
#include "io/replace_directory.h"
#include "io/system_calls.h"

namespace einet::io {
namespace fs = std::filesystem;
namespace {

/// Copies attributes from `old` to `root`, and from everything below `old` to what has the same name below `root`.
void inherit_attributes(const fs::path& old, const fs::path& root) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path before = old / entry->path().lexically_relative(root);
    if (fs::symlink_status(before, error).type() == entry->symlink_status(error).type()) {
      copy_attributes(before, entry->path());
    }
    error.clear();
  }
  copy_attributes(old, root);
}

void sync_tree(const fs::path& root, const fs::path& shown) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error)) {
    sync(entry->path(), shown);
  }
  if (error) throw Error(ErrorKind::kIo, shown.string(), "cannot write: " + error.message());
  sync(root, shown);
}

// Replaces only an earlier version, so that a mistyped destination does not delete a home directory.
void check_replaceable(const fs::path& old, const fs::path& replacement) {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(old, error))) {
    throw Error(ErrorKind::kIo, old.string(), "exists and is not a directory");
  }
  if (fs::is_empty(old, error)) return;
  for (const auto& entry : fs::directory_iterator(replacement, error)) {
    if (fs::exists(old / entry.path().filename(), error)) return;
  }
  if (error) throw Error(ErrorKind::kIo, old.string(), "cannot be replaced: " + error.message());
  throw Error(ErrorKind::kIo, old.string(), "is a directory with other files; not replaced");
}

bool may_write(const fs::path& folder) { return ::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0; }

fs::path writable_place(const fs::path& shown) {
  fs::path place = directory_place(shown);
  if (!may_write(folder_of(place))) throw io_error(shown, "create");
  std::error_code error;
  if (fs::is_directory(place, error) && !may_write(place)) throw io_error(shown, "replace");
  return place;
}

}  // namespace

struct StagedDirectory::State {
  explicit State(const fs::path& final_path)
      : shown(final_path), place(writable_place(final_path)), lock(std::in_place, place, final_path) {
    if (lock->excludes_others()) clear_leftovers(place);
    // The files that replace a private directory must not be readable by others while they are written.
    const mode_t mode = is_taken(place) ? 0700 : 0777;
    while (!staging) {
      path = name_beside(place, "partial");
      const Uninterrupted uninterrupted;
      if (system_calls::mkdir(path.c_str(), mode) == 0) {
        staging.emplace(uninterrupted, path);
      } else if (errno != EEXIST) {
        throw io_error(shown, "create");
      }
    }
  }

  fs::path shown, place, path;
  std::optional<DirectoryLock> lock;  // Released last.
  std::optional<Disposable> staging;
};

StagedDirectory::StagedDirectory(const fs::path& final_path) : state_(std::make_unique<State>(final_path)) {}

StagedDirectory::~StagedDirectory() = default;

const fs::path& StagedDirectory::path() const { return state_->path; }

void StagedDirectory::write(const fs::path& file, std::string_view bytes) {
  fs::path folder = path();
  for (const fs::path& part : file.parent_path()) {
    folder /= part;
    if (system_calls::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST)
      throw io_error(state_->shown / file, "create");
  }
  const Descriptor descriptor(
      system_calls::open((path() / file).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!descriptor.valid()) throw io_error(state_->shown / file, "create");
  write_all(descriptor, state_->shown / file, bytes);
}

void StagedDirectory::commit() {
  const bool replaces = is_taken(state_->place);
  if (replaces) {
    check_replaceable(state_->place, path());
    inherit_attributes(state_->place, path());
  }
  sync_tree(path(), state_->shown);
  replace_directory(path(), state_->place, state_->shown);
  if (!is_taken(path())) state_->staging->release();
  state_->staging.reset();  // Removes the old directory, which it holds after an exchange.
  state_->lock.reset();
}

void check_output_directory(const fs::path& path) { writable_place(path); }

void finish_interrupted_replacement(const fs::path& path) noexcept {
  try {
    const fs::path place = directory_place(path);
    bool under_way = is_taken(lock_name(place));
    for (const auto& entry : fs::directory_iterator(folder_of(place))) {
      under_way = under_way || is_name_beside(place, "old", entry.path().filename().string());
    }
    if (!under_way) return;
    const DirectoryLock lock(place, path);
    if (lock.excludes_others()) clear_leftovers(place);
  } catch (const std::exception&) {
    // Without write permission, for instance.
  }
}

}  // namespace einet::io
