#pragma once

#include "plan/schedule.h"

namespace einet::plan {

/// Adds exits to `plan`, each time the one that raises the expectation most, until none raises it.
/// O(n) additions of O(n) candidates of O(n) each; no allocation.
void add_greedily(const Schedule& schedule, const PlanningState& now, ExitPlan& plan) noexcept;

/// Adds exits to `plan`, each time the one that leaves the highest expectation, even if it is lower than before, until
/// all exits after the start are in it. `plan` becomes the best plan seen; of equal ones, that with the fewest exits.
void add_until_all(const Schedule& schedule, const PlanningState& now, ExitPlan& plan) noexcept;

}  // namespace einet::plan
