#pragma once

#include <vector>

#include "einet/planner.h"

namespace einet::plan {

/// The planners of src/plan/planners/, in alphabetical order of their files.
std::vector<PlannerKind> builtin_planners();

/// N of "NAME-N" if given, otherwise `fallback`. Throws kUsage naming the planner unless lowest <= N <= highest.
double number_within(const PlannerRequest& request, const char* planner, double fallback, double lowest,
                     double highest);
/// The same for whole numbers.
int count_within(const PlannerRequest& request, const char* planner, int fallback, int lowest, int highest);

}  // namespace einet::plan
