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
};

/// r_i (docs/definitions.md): median seconds that policy.after() takes after the output of exit i, with the confidences
/// of real samples. The network runs in between, and once as a whole before each sample, so that the caches hold its
/// data as they do in a run. In a loop by themselves, predictor and planner were measured to be eight times faster.
///
/// Besides the exits of its own plan each sample also executes one exit in turn, so that every exit is measured. The
/// last exit, after which nothing is planned, gets the mean of the others. Medians, because a single preemption takes a
/// thousand times as long as planning does. All zeros when the policy does not re-plan, when there is no sample, and
/// for a single exit.
std::vector<double> measure_planning(Policy& policy, const exec::Program& program, const profile::CsProfile& profile,
                                     const PlanningCostOptions& options = {});

}  // namespace einet::measure
