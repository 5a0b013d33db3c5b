#pragma once

#include <memory>

#include "einet/policy.h"
#include "plan/decision_table.h"

namespace einet {

/// Follows `table`: starts with its population plan and looks up the next exit after each output. A decision takes
/// about ten nanoseconds, so there are no planning costs.
///
/// A table is fitted for one distribution of the cut-off. Runs with a known deadline before `horizon` (seconds, of that
/// distribution) follow `otherwise`, which plans for the deadline. Throws kInvalidData for an invalid table.
std::unique_ptr<Policy> decision_policy(std::shared_ptr<const plan::DecisionTable> table, double horizon,
                                        std::unique_ptr<Policy> otherwise);

/// Policies that follow `table`, and those of `otherwise` for earlier deadlines. Returns `otherwise` itself where the
/// table is null or does not deviate from its population plan.
PolicyFactory with_decisions(std::shared_ptr<const plan::DecisionTable> table, double horizon, PolicyFactory otherwise);

}  // namespace einet
