#pragma once

#include <vector>

#include "einet/planner.h"

namespace einet::plan {

/// The planners of src/plan/planners/, in alphabetical order of their files.
std::vector<PlannerKind> builtin_planners();

/// N of "NAME-N" if it was given, else `otherwise`. Throws kUsage naming the planner unless lowest <= it <= highest.
double number_within(const PlannerRequest& request, const char* planner, double otherwise, double lowest,
                     double highest);
/// The same for whole numbers.
int count_within(const PlannerRequest& request, const char* planner, int otherwise, int lowest, int highest);

}  // namespace einet::plan
