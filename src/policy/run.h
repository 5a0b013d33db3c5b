#pragma once

#include "einet/policy.h"

namespace einet::policy {

/// What an executed branch tells the policy.
struct Output {
  float confidence = 0.0f;
  double elapsed = 0.0;  ///< Seconds since the start of the run.
};

/// One run of a network under `policy` (paper IV; docs/definitions.md): the only implementation of it. A session runs
/// blocks on the processor, the simulation lets virtual time pass instead, and the measurement of planning costs does
/// the former and watches the policy; what they are told to do is the same.
///
/// `blocks` has
///
///     bool conv_part(int exit);                // Executes it; false = the run was cut off.
///     bool branch(int exit, Output& output);   // Executes it and publishes its answer; false = cut off before that.
///     void planned(int exit);                  // The policy has decided what follows exit `exit`.
///
/// Exits are visited in order and none after the last one planned. After the last exit of the network there is nothing
/// left to decide, so the policy is not asked. Returns false when the run was cut off.
template <class Blocks>
bool run(Policy& policy, double deadline, Blocks&& blocks) {
  const plan::ExitPlan* plan = &policy.begin(deadline);
  const int exits = plan->exits();
  for (int exit = 0; plan->next(exit - 1) < exits; ++exit) {
    if (!blocks.conv_part(exit)) return false;
    if (!plan->contains(exit)) continue;
    Output output;
    if (!blocks.branch(exit, output)) return false;
    if (exit + 1 == exits) break;
    plan = &policy.after(exit, output.confidence, output.elapsed);
    blocks.planned(exit);
  }
  return true;
}

}  // namespace einet::policy
