#pragma once

#include "plan/schedule.h"

namespace einet::plan {

/// Adds exits to `plan`, each time the one that raises the expectation most, until none raises it.
/// O(n) additions of O(n) candidates of O(n) each; no allocation.
void add_greedily(const Schedule& schedule, const PlanningState& now, ExitPlan& plan) noexcept;

}  // namespace einet::plan
