#pragma once

#include <cstdint>
#include <string_view>

namespace einet {

/// Receives the progress of a long operation. All calls for one operation come from one thread.
///
/// Libraries only report progress; the command line displays it on terminals, with rate and time left.
class Progress {
 public:
  virtual ~Progress() = default;

  /// `done` of `total` units of `stage` are finished; `note` is a short free text (loss, accuracy).
  virtual void update(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view note) = 0;

  /// Ignores everything; valid until the process ends.
  static Progress& none();
};

}  // namespace einet
