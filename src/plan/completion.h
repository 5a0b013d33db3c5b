#pragma once

#include <memory>

#include "einet/planner.h"

namespace einet::plan {

/// `planner` with its plans completed: ties favour answering.
///
/// *Ties.* An output at a time when the run has certainly been cut off has no value, so no expectation depends on it.
/// But the distribution is a model, and a run may outlive it: on a device slower than its profile, after an expected
/// cut-off that did not happen, or without any cut-off. The distribution then has no information left, and every plan
/// ties with the empty one.
///
/// *The rule.* After the last output of `planner`'s plan, consider the exits that score higher than it and have no
/// value (a gain below 1e-15) because they are too late. The plan is extended by those of them that are best if the
/// cut-off is uniform over the time of all remaining blocks. So a run that is not cut off does not stop while a better
/// exit is left, and one that is cut off late still has an early answer. If this adds nothing to an empty plan before
/// the first answer (all scores are 0), the exit with the earliest answer is added.
///
/// *Example.* Three exits at 1, 2 and 3 s, scores 0.5, 0.6 and 0.7, cut-off expected at 0.5 s. All plans have value 0;
/// the completed plan is {1, 2, 3}, or another one if that is better under the uniform distribution over 3 s.
///
/// *What does not change.* Expectation, upper bound and every exit of the plan; exits that are in time (the planner
/// left them out deliberately); exits that score no higher than the last planned one.
///
/// *Cost.* O(n) if nothing is to be added, otherwise one request to the exact planner for the uniform distribution. No
/// allocation in plan().
///
/// Throws like Schedule.
std::unique_ptr<Planner> complete(std::unique_ptr<Planner> planner, const PlannerRequest& request);

}  // namespace einet::plan
