#pragma once

#include <optional>
#include <span>
#include <string>

#include "einet/distribution.h"
#include "einet/plan.h"

namespace einet::plot {

/// A block as it was executed, for a second track in the picture. Times in seconds since the start of the run.
struct TimelineSpan {
  plan::BlockKind kind = plan::BlockKind::kConvPart;
  int exit = 0;
  double begin = 0.0;
  double end = 0.0;
};

struct TimelineOptions {
  std::string title;     ///< Above the picture; empty = the plan in words.
  double horizon = 0.0;  ///< End of the time axis, in seconds; 0 = after the last planned output and all conv parts.
  std::span<const TimelineSpan> measured;  ///< A real run, drawn below the plan. May be empty.
  /// Of the cut-off: drawn as the share of runs that are still going. May be null; must outlive the call.
  const plan::ExitTimeDistribution* distribution = nullptr;
  std::optional<double> expectation;  ///< Accuracy expectation in [0,1], written above the picture.
};

/// A picture of `plan` as a standalone SVG: time runs to the right, conv parts and executed branches to scale, skipped
/// branches as rings; above them the answer in force as a step curve of its score, 0 before the first output.
///
/// `times` and `plan` have as many exits as there are `scores`, else kInvalidData. Scores outside [0,1] are drawn
/// at the nearer end. Times are in seconds.
std::string timeline_svg(const plan::BlockTimes& times, const plan::ExitPlan& plan, std::span<const double> scores,
                         const TimelineOptions& options = {});

}  // namespace einet::plot
