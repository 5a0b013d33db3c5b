// Replacing a whole directory so that a crash at any moment leaves the old one or the new one.
//
// Files are written into a hidden directory beside the final place, which makes the last step a rename within one file
// system. rename(2) does not replace a directory that has entries, so where one is in the way Linux' exchange of two
// names does it in one step: the new directory is in place and the old one, now under the hidden name, is removed. File
// systems without the exchange (NFS) get two renames, with an instant at which neither is in place; the old directory
// is then complete beside it, and is put back if the second rename fails.

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <system_error>

#include "einet/io/file.h"
#include "posix.h"
#include "replace_directory.h"

namespace einet::io {
namespace fs = std::filesystem;
namespace {

fs::path without_trailing_slash(const fs::path& path) {
  const fs::path clean = path.lexically_normal();
  return clean.has_filename() ? clean : clean.parent_path();
}

void sync_tree(const fs::path& root) {
  std::error_code error;
  for (fs::recursive_directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error)) {
    sync(entry->path());
  }
  if (error) throw Error(ErrorKind::kIo, root.string(), "cannot read: " + error.message());
  sync(root);
}

// A mistyped destination must not cost a home directory: only what looks like an earlier version is replaced.
void check_replaceable(const fs::path& old, const fs::path& replacement) {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(old, error))) {
    throw Error(ErrorKind::kIo, old.string(), "exists and is no directory");
  }
  if (fs::is_empty(old, error)) return;
  for (const auto& entry : fs::directory_iterator(replacement, error)) {
    if (fs::exists(old / entry.path().filename(), error)) return;
  }
  throw Error(ErrorKind::kIo, old.string(), "is a directory with other files; not replaced");
}

}  // namespace

bool exchange_directories(const fs::path& a, const fs::path& b) {
  return ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
}

void replace_by_two_renames(const fs::path& staging, const fs::path& place, const fs::path& aside) {
  if (::rename(place.c_str(), aside.c_str()) != 0) throw io_error(place, "replace");
  if (::rename(staging.c_str(), place.c_str()) != 0) {
    const Error failure = io_error(place, "replace");
    ::rename(aside.c_str(), place.c_str());
    throw failure;
  }
  std::error_code ignored;  // The new directory is in place; a leftover beside it does no harm.
  fs::remove_all(aside, ignored);
}

StagedDirectory::StagedDirectory(fs::path final_path)
    : final_(without_trailing_slash(final_path)), staging_(name_beside(final_, "partial")) {
  if (final_.filename().empty() || final_.filename() == "." || final_.filename() == "..") {
    throw Error(ErrorKind::kIo, final_path.string(), "cannot be replaced");
  }
  std::error_code error;
  fs::create_directory(staging_, error);
  if (error) throw Error(ErrorKind::kIo, final_.string(), "cannot create: " + error.message());
}

StagedDirectory::~StagedDirectory() {
  if (committed_) return;
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

void StagedDirectory::commit() {
  sync_tree(staging_);
  std::error_code error;
  if (!fs::exists(fs::symlink_status(final_, error))) {
    if (::rename(staging_.c_str(), final_.c_str()) != 0) throw io_error(final_, "create");
    committed_ = true;
  } else {
    check_replaceable(final_, staging_);
    if (!exchange_directories(staging_, final_)) {
      replace_by_two_renames(staging_, final_, name_beside(final_, "old"));
      committed_ = true;
    }
    // After an exchange the staging name holds the old directory, which the destructor removes.
  }
  sync(folder_of(final_));
}

}  // namespace einet::io
