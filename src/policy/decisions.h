#pragma once

#include <memory>

#include "einet/policy.h"
#include "plan/decision_table.h"

namespace einet {

/// Follows `table`: starts with its population plan and looks up the next exit after each output. A decision takes
/// about ten nanoseconds, so there are no planning costs.
///
/// A table is fitted for one distribution of the cut-off with the given `horizon` (seconds). Runs with a known earlier
/// deadline follow `fallback`, which plans for the deadline. Throws kInvalidData for an invalid table.
std::unique_ptr<Policy> decision_policy(std::shared_ptr<const plan::DecisionTable> table, double horizon,
                                        std::unique_ptr<Policy> fallback);

/// Policies that follow `table`, and those of `fallback` for earlier deadlines. Returns `fallback` itself if the table
/// is null or does not deviate from its population plan.
PolicyFactory with_decisions(std::shared_ptr<const plan::DecisionTable> table, double horizon, PolicyFactory fallback);

}  // namespace einet
