#pragma once

#include <vector>

#include "einet/policy.h"
#include "einet/time.h"
#include "exec/program.h"
#include "profile/cs_profile.h"

namespace einet::measure {

struct PlanningCostOptions {
  int samples = 200;     ///< Runs with samples of the CS-profile, evenly spaced, at most…
  Seconds budget{0.25};  ///< …and for about this long, but at least 10.
  /// 2: the policy plans for two lanes. Its branches run on this thread when they are handed over.
  int lanes = 1;
};

/// r_i (docs/definitions.md): median seconds that policy.after() takes after the output of exit i, with the confidences
/// of real samples. The network runs in between, and once as a whole before each sample, so that the caches hold its
/// data as in a real run. In a loop without the network, predictor and planner are eight times faster.
///
/// In addition to its plan, each sample executes one more exit, chosen round-robin, so that every exit is measured. The
/// last exit, after which nothing is planned, gets the mean of the others. Medians are used because a single preemption
/// takes a thousand times as long as planning. All zeros if the policy does not re-plan, there are no samples, or
/// there is only one exit.
std::vector<double> measure_planning(Policy& policy, const exec::Program& program, const profile::CsProfile& profile,
                                     const PlanningCostOptions& options = {});

}  // namespace einet::measure
