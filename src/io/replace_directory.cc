// Replaces a whole directory so that a crash at any moment leaves either the old or the new one.
//
// rename(2) cannot replace a directory that has entries. Linux can exchange two names atomically instead; afterwards
// the old directory has the hidden name and is removed. File systems without this exchange (NFS) need two renames, and
// between them neither directory is in place. The old directory is then complete beside it, under a name that ends in
// ".old"; it is put back if the second rename fails or, after a crash, by the next writer or reader.

#include "io/replace_directory.h"

#include <cerrno>
#include <vector>

#include "io/disposable.h"
#include "io/hidden_name.h"
#include "io/posix.h"
#include "io/system_calls.h"

namespace einet::io {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kAside = "old";

/// Waits for the disk; if that fails, calls `undo`.
template <class Undo>
void sync_or(const fs::path& place, const fs::path& shown, Undo undo) {
  try {
    sync(folder_of(place), shown);
  } catch (const Error&) {
    const Uninterrupted uninterrupted;
    undo();
    throw;
  }
}

}  // namespace

void replace_by_two_renames(const fs::path& staging, const fs::path& place, const fs::path& shown) {
  const fs::path aside = name_beside(place, kAside);
  {
    const Uninterrupted uninterrupted;
    if (system_calls::rename(place.c_str(), aside.c_str()) != 0) throw io_error(shown, "replace");
    if (system_calls::rename(staging.c_str(), place.c_str()) != 0) {
      const Error failure = io_error(shown, "replace");
      system_calls::rename(aside.c_str(), place.c_str());
      throw failure;
    }
  }
  sync_or(place, shown, [&] {
    system_calls::rename(place.c_str(), staging.c_str());
    system_calls::rename(aside.c_str(), place.c_str());
  });
  remove_tree(aside);
}

void replace_directory(const fs::path& staging, const fs::path& place, const fs::path& shown) {
  if (!is_taken(place)) {
    {
      const Uninterrupted uninterrupted;
      if (system_calls::rename(staging.c_str(), place.c_str()) != 0) throw io_error(shown, "create");
    }
    sync_or(place, shown, [&] { system_calls::rename(place.c_str(), staging.c_str()); });
    return;
  }
  int error = 0;
  {
    const Uninterrupted uninterrupted;
    if (system_calls::exchange(staging.c_str(), place.c_str()) != 0) error = errno;
  }
  if (error == EINVAL || error == ENOSYS || error == EOPNOTSUPP) {
    return replace_by_two_renames(staging, place, shown);
  }
  errno = error;
  if (error != 0) throw io_error(shown, "replace");
  sync_or(place, shown, [&] { system_calls::exchange(staging.c_str(), place.c_str()); });
}

void clear_leftovers(const fs::path& place) {
  std::error_code error;
  std::vector<fs::path> leftovers;
  for (fs::directory_iterator entry(folder_of(place), error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (is_name_beside(place, kAside, name) && !is_taken(place)) {
      system_calls::rename(entry->path().c_str(), place.c_str());
    } else if (is_name_beside(place, kAside, name) || is_name_beside(place, "partial", name)) {
      leftovers.push_back(entry->path());
    }
  }
  for (const fs::path& path : leftovers) remove_tree(path);
}

}  // namespace einet::io
