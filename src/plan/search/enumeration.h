#pragma once

#include "plan/schedule.h"

namespace einet::plan {

/// The best of all plans after `now`, including the empty one, by trying each. Plans are visited as a tree: the value
/// of each is that of its prefix plus one term, so a plan costs one evaluation of F. 2^n plans for n exits after
/// the start.
ExitPlan best_of_all(const Schedule& schedule, const PlanningState& now) noexcept;

}  // namespace einet::plan
