#pragma once

#include "einet/policy.h"

namespace einet::policy {

/// One run of a network under `policy` (paper IV; docs/definitions.md). This is the only implementation of a run: a
/// session executes blocks on the processor, the simulation advances virtual time, and the measurement of planning
/// costs executes blocks and times the policy.
///
/// `blocks` provides
///
///     bool conv_part(int exit);                      // Executes it; false = the run was cut off.
///     bool branch(int exit, BranchOutput& output);   // Executes it and publishes its answer; false = cut off first.
///     void planned(int exit);                        // Called after the policy has planned the rest of the run.
///
/// Exits are visited in order, up to the last planned one. After the last exit of the network the policy is not called.
/// Returns false when the run was cut off.
template <class Blocks>
bool run(Policy& policy, double deadline, Blocks&& blocks) {
  const plan::ExitPlan* plan = &policy.begin(deadline);
  const int exits = plan->exits();
  for (int exit = 0; plan->next(exit - 1) < exits; ++exit) {
    if (!blocks.conv_part(exit)) return false;
    if (!plan->contains(exit)) continue;
    BranchOutput output;
    if (!blocks.branch(exit, output)) return false;
    if (exit + 1 == exits) break;
    plan = &policy.after(output);
    blocks.planned(exit);
  }
  return true;
}

}  // namespace einet::policy
