#pragma once

#include "plan/schedule.h"

namespace einet::plan {

/// The best of all plans with at most `max_outputs` outputs after `now`, the empty one included, by trying every
/// one. The value of a plan is that of its prefix and one term more, so a plan costs one evaluation of F.
/// sum_{m <= max_outputs} (n choose m) plans; all 2^n when max_outputs >= n. Recursion max_outputs deep.
ExitPlan best_of_all(const Schedule& schedule, const Situation& now, int max_outputs) noexcept;

}  // namespace einet::plan
