#pragma once

#include <functional>
#include <memory>

#include "einet/api.h"
#include "einet/plan.h"

namespace einet {

/// What a policy sees of an executed branch.
struct BranchOutput {
  int exit = 0;
  int label = -1;           ///< The exit's class with the highest score, whatever the run publishes.
  float confidence = 0.0f;  ///< max softmax of the exit, likewise.
  double elapsed = 0.0;     ///< Seconds since the start of the run.
};

/// Decides which exits a run executes. Sessions and simulations use the same policies and the same implementation of a
/// run. One policy serves one run at a time. After construction it must not allocate or take locks.
class EINET_API Policy {
 public:
  virtual ~Policy() = default;
  /// The plan at the start of a run that is cut off at `deadline` seconds at the latest; kNoDeadline where none is
  /// known. Policies that plan do so for min(cut-off, deadline); others may ignore it.
  virtual const plan::ExitPlan& begin(double deadline) noexcept = 0;
  /// The same without a known deadline.
  const plan::ExitPlan& begin() noexcept { return begin(plan::kNoDeadline); }
  /// The plan after `output`; exits up to output.exit are ignored. 0 <= output.exit < exits.
  virtual const plan::ExitPlan& after(const BranchOutput& output) noexcept = 0;
  /// True when after() does work worth timing (re-planning); false for fixed plans.
  virtual bool replans() const noexcept { return false; }
  /// r_i: measured seconds that after() takes for exit `exit`, charged in simulations. 0 for policies that do not
  /// re-plan.
  virtual double planning_seconds(int /*exit*/) const noexcept { return 0.0; }
};

/// One plan for every input.
EINET_API std::unique_ptr<Policy> fixed_policy(const plan::ExitPlan& plan);

/// All exits until one is at least `threshold` confident, then none: the classic dynamic baseline.
EINET_API std::unique_ptr<Policy> threshold_policy(int exits, float threshold);

/// Makes a fresh policy, one per session.
using PolicyFactory = std::function<std::unique_ptr<Policy>()>;

}  // namespace einet
