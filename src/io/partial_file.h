#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "io/disposable.h"
#include "io/posix.h"

namespace einet::io {

/// A new file beside its destination, under a hidden name. It is removed unless it is put in place. It is locked
/// (flock) while its writer is running, so a file with such a name and without a lock was left behind by a killed
/// writer.
class PartialFile {
 public:
  /// Creates it with `mode`, minus the umask. Throws kIo naming `shown`.
  PartialFile(const std::filesystem::path& place, unsigned mode, const std::filesystem::path& shown);

  const Descriptor& file() const { return file_; }
  const std::filesystem::path& path() const { return disposable_->path(); }
  /// Renames it atomically to its final name.
  void put_in_place();

  /// Removes the files that killed writers of `place` left beside it. Files that cannot be locked are kept.
  static void remove_leftovers(const std::filesystem::path& place);

 private:
  std::filesystem::path place_, shown_;
  Descriptor file_;
  std::optional<Disposable> disposable_;
};

}  // namespace einet::io
