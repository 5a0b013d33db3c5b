#pragma once

#include "exec/program.h"
#include "profile/et_profile.h"

namespace einet::measure {

/// A few runs of a network compared with its profile.
struct TimingCheck {
  /// Measurements on one machine differ by less (figures in docs/formats.md).
  static constexpr double kLargestFactor = 1.5;

  double stored = 0;   ///< Median seconds of a whole run in the profile.
  double fastest = 0;  ///< Seconds of the fastest run now…
  double median = 0;   ///< …and of the median one.
  double waiting = 0;  ///< As profile::TimingQuality::waiting.

  /// Whether the profile can be right for this machine: the median run is not too fast and the fastest one not too
  /// slow. On a busy machine runs also wait for a processor; that time is subtracted.
  bool agrees() const {
    const bool too_fast = median * kLargestFactor < stored;
    const bool too_slow = fastest * (1.0 - waiting) > kLargestFactor * stored;
    return !too_fast && !too_slow;
  }
};

/// Runs `program`, compiled as for `profile`, for about 20 ms, but at least three times. If the times differ too much,
/// runs it again for 200 ms: an idle processor may have lowered its clock frequency.
TimingCheck check_timing(const exec::Program& program, const profile::EtProfile& profile);

}  // namespace einet::measure
