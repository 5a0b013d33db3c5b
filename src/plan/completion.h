#pragma once

#include <memory>

#include "einet/planner.h"

namespace einet::plan {

/// `planner` with its plans completed: ties favour answering.
///
/// *Ties.* An output that comes when the run has certainly been cut off is worth nothing, so no expectation depends on
/// it. But the distribution is a model, and a run may outlive it: on a device slower than its profile, past an expected
/// cut-off that did not come, with no cut-off at all. Then the distribution has no information left, and every plan
/// ties with the empty one.
///
/// *The rule.* After the last output of `planner`'s plan, consider the exits that score higher than it and are worth
/// nothing (a gain below 1e-15) because they come too late. Of these the plan gets the ones that are best if the
/// cut-off is uniform over the time that everything left takes. So a run that is not cut off does not stop while a
/// better exit is left, and one that is cut off late still has an early answer. If that adds nothing to an empty plan
/// before the first answer (all scores are 0), the plan gets the exit with the earliest answer.
///
/// *Example.* Three exits at 1, 2 and 3 s, scores 0.5, 0.6 and 0.7, cut-off expected at 0.5 s. No plan is worth
/// anything; the completed plan is {1, 2, 3}, or another one if that is better under the uniform distribution over 3 s.
///
/// *What does not change.* Expectation, upper bound and every exit of the plan; exits that come in time (the planner
/// left them out deliberately); exits that score no higher than the last planned one.
///
/// *Cost.* O(n) where nothing is to be added, else a question to the exact planner for the uniform distribution. No
/// allocation in plan().
///
/// Throws as Schedule does.
std::unique_ptr<Planner> complete(std::unique_ptr<Planner> planner, const PlannerRequest& request);

}  // namespace einet::plan
