#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "io/disposable.h"
#include "io/posix.h"

namespace einet::io {

/// A new file beside its destination, under a hidden name. It is removed unless it is put in place, and locked (flock)
/// while its writer is running: a file of this kind without a lock was left by a writer that was killed.
class PartialFile {
 public:
  /// Creates it with `mode` less the umask. Throws kIo naming `shown`.
  PartialFile(const std::filesystem::path& place, unsigned mode, const std::filesystem::path& shown);

  const Descriptor& file() const { return file_; }
  const std::filesystem::path& path() const { return disposable_->path(); }
  /// Renames it to its final place, in one step.
  void put_in_place();

  /// Removes what killed writers of `place` left beside it. What cannot be locked stays.
  static void remove_leftovers(const std::filesystem::path& place);

 private:
  std::filesystem::path place_, shown_;
  Descriptor file_;
  std::optional<Disposable> disposable_;
};

}  // namespace einet::io
