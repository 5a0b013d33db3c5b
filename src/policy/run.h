#pragma once

#include "einet/policy.h"

namespace einet::policy {

// A run of a network (paper IV; docs/definitions.md). These are the only implementations, for one lane and for two: a
// session executes blocks on the processor, the simulation advances virtual time, and the measurement of planning costs
// executes blocks and times the policy.

/// One run under `policy` with one lane.
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

/// The trunk of a run with two lanes: conv parts from that of exit 0, one after the other. When it reaches an exit, it
/// decides by the newest plan whether the branch is executed, and hands it to the branch lane. It does not wait for
/// answers unless no later exit is planned, when only they can change that.
///
/// `trunk` provides
///
///     bool conv_part(int exit);           // Executes it; false = the run was cut off.
///     const plan::ExitPlan& plan();       // The newest plan: that of the start, or one posted by the branch lane.
///     void pass(int exit, bool planned);  // The trunk is past `exit`; if planned, its branch waits for the lane.
///     bool await_plan();                  // Waits for the next answer and its plan; false if there is none to come.
///
/// Returns false when conv_part() did.
template <class Trunk>
bool run_trunk(int exits, Trunk&& trunk) {
  for (int exit = 0; exit < exits; ++exit) {
    while (trunk.plan().next(exit - 1) == exits) {
      if (!trunk.await_plan()) return true;
    }
    if (!trunk.conv_part(exit)) return false;
    trunk.pass(exit, trunk.plan().contains(exit));
  }
  while (trunk.await_plan()) {
  }
  return true;
}

/// One branch of a run with two lanes, and the planning after it. Branches are executed in the order of the exits.
///
/// `lane` provides branch() as above, and
///
///     plan::Ahead ahead(int exit);          // Where the trunk is, and the branches handed over after that of `exit`.
///     const plan::ExitPlan& newest_plan();  // As posted last, or that of the start.
///     void post(int exit, const plan::ExitPlan& plan);  // The plan after the output of `exit`.
///
/// After the last exit of the network the policy is not called. Returns false when branch() did.
template <class Lane>
bool run_branch(Policy& policy, int exit, int exits, Lane&& lane) {
  BranchOutput output;
  if (!lane.branch(exit, output)) return false;
  if (exit + 1 == exits) return true;
  output.ahead = lane.ahead(exit);
  if (lane.newest_plan().next(output.ahead.exit) == exits) {  // The trunk waits for this plan.
    output.ahead.elapsed = output.elapsed + policy.planning_seconds(exit);
  }
  lane.post(exit, policy.after(output));
  return true;
}

}  // namespace einet::policy
