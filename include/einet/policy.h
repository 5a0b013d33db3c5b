#pragma once

#include <functional>
#include <memory>

#include "einet/api.h"
#include "einet/plan.h"

namespace einet {

/// The output of an executed branch, as given to a policy.
struct BranchOutput {
  int exit = 0;
  int label = -1;           ///< The exit's own most likely class, regardless of what the run publishes.
  float confidence = 0.0f;  ///< The exit's own max softmax.
  double elapsed = 0.0;     ///< Seconds since the start of the run.
  plan::Ahead ahead = {};   ///< With two lanes: the position of the trunk. Exits that it has passed are decided.
};

/// Decides which exits a run executes. Sessions and simulations use the same policies and the same implementation of a
/// run. A policy is used by one run at a time. After construction it must not allocate or take locks.
class EINET_API Policy {
 public:
  virtual ~Policy() = default;
  /// The plan at the start of a run with a known deadline in seconds, or kNoDeadline. Policies that plan use
  /// min(cut-off, deadline) as the cut-off; others may ignore it.
  virtual const plan::ExitPlan& begin(double deadline) noexcept = 0;
  /// The same without a known deadline.
  const plan::ExitPlan& begin() noexcept { return begin(plan::kNoDeadline); }
  /// The plan after `output`; exits up to output.exit are ignored. 0 <= output.exit < exits.
  virtual const plan::ExitPlan& after(const BranchOutput& output) noexcept = 0;
  /// True if after() re-plans, so that its time matters; false for fixed plans.
  virtual bool replans() const noexcept { return false; }
  /// r_i: measured time of after() for exit `exit` in seconds, which simulations add to the run. 0 for policies that do
  /// not re-plan.
  virtual double planning_seconds(int /*exit*/) const noexcept { return 0.0; }
};

/// One plan for every input.
EINET_API std::unique_ptr<Policy> fixed_policy(const plan::ExitPlan& plan);

/// All exits until the confidence of one is at least `threshold`, then none: the classic dynamic baseline.
EINET_API std::unique_ptr<Policy> threshold_policy(int exits, float threshold);

/// Makes a new policy; called once per session.
using PolicyFactory = std::function<std::unique_ptr<Policy>()>;

}  // namespace einet
