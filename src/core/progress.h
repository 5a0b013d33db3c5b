#pragma once

#include <cstdint>
#include <string_view>

namespace einet {

/// Receives the state of long work. All calls of one piece of work come from one thread.
///
/// The command line shows a line with rate and time left on a terminal; libraries only report here.
class Progress {
 public:
  virtual ~Progress() = default;

  /// `done` of `total` units of `stage` are finished; `note` is a short free text (loss, accuracy).
  virtual void update(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view note) = 0;

  /// A receiver that ignores everything; valid until the process ends.
  static Progress& none();
};

}  // namespace einet
