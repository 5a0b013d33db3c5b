#pragma once

#include <functional>
#include <memory>
#include <string>

#include "einet/plan/plan.h"
#include "einet/plan/planner.h"
#include "einet/predict/belief.h"

namespace einet {

/// Decides which exits a run executes. The runtime and the simulation both obey the same policies, so what is
/// simulated is what runs. One policy serves one run at a time; no allocation, no lock after construction.
class Policy {
 public:
  virtual ~Policy() = default;
  /// A new run begins that is cut off at `deadline` seconds at the latest: the plan to start with. kNoDeadline where
  /// none is known. Policies that plan do so for min(cut-off, deadline); the others may ignore it.
  virtual const plan::ExitPlan& begin(double deadline) noexcept = 0;
  /// The same without a known deadline.
  const plan::ExitPlan& begin() noexcept { return begin(plan::kNoDeadline); }
  /// Exit `exit` answered with `confidence` at `elapsed` seconds: the plan from here on (exits <= `exit` are ignored).
  virtual const plan::ExitPlan& after(int exit, float confidence, double elapsed) noexcept = 0;
  /// True when after() does work worth timing (re-planning); false for fixed plans.
  virtual bool replans() const noexcept = 0;
};

/// One plan for every input.
std::unique_ptr<Policy> fixed_policy(const plan::ExitPlan& plan);

/// EINet (paper IV, docs/definitions.md): starts with the plan for the prior, updates the belief after each output and
/// re-plans the suffix. When the belief never changes (shrinkage 0) it keeps its plan and re-plans nothing.
std::unique_ptr<Policy> elastic_policy(predict::Belief belief, std::unique_ptr<plan::Planner> planner);

/// All exits until one is at least `threshold` confident, then none: the classic dynamic baseline.
std::unique_ptr<Policy> threshold_policy(int exits, float threshold);

/// Makes a fresh policy, one per session.
using PolicyFactory = std::function<std::unique_ptr<Policy>()>;

/// Makes elastic policies that share the parameters and the predictor's weights; the planner is made by name. Where the
/// shrinkage is 0 nothing is re-planned, so `times.planning` is not counted and `predictor` may be null. Throws as
/// predict::Belief and plan::make_planner() do, now and not when the first policy is made.
PolicyFactory elastic_policies(std::shared_ptr<const predict::BeliefParameters> parameters,
                               std::shared_ptr<const predict::Predictor> predictor, const std::string& planner,
                               plan::BlockTimes times, std::shared_ptr<const plan::ExitTimeDistribution> distribution,
                               const plan::PlannerOptions& options = {});

}  // namespace einet
