#pragma once

#include "plan/schedule.h"

namespace einet::plan {

/// The best plan after `now` with at most `outputs` outputs, the empty one included: the first part of the paper's
/// Algorithm 2. sum_{k <= outputs} (n choose k) plans, each evaluated from its beginning (Algorithm 1).
ExitPlan best_small_plan(const Schedule& schedule, const PlanningState& now, int outputs) noexcept;

}  // namespace einet::plan
