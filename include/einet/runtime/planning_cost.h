#pragma once

#include <vector>

#include "einet/plan/plan.h"
#include "einet/profile/cs_profile.h"
#include "einet/runtime/policy.h"

namespace einet {

struct PlanningCostOptions {
  int samples = 200;  ///< Rows of the CS-profile that the policy is led through, evenly spaced.
};

/// r_i (DESIGN 3): mean seconds that policy->after() takes after the output of exit i, with the confidences of real
/// samples and the elapsed times that `times` gives. All zeros when the policy does not re-plan.
///
/// Besides the exits of its own plan each sample also executes one exit in turn, so that every exit is measured. The
/// slowest twentieth of each exit's timings (interrupts, other processes) is left out.
std::vector<double> measure_planning(Policy& policy, const plan::BlockTimes& times, const profile::CsProfile& profile,
                                     const PlanningCostOptions& options = {});

}  // namespace einet
