#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "einet/plan.h"
#include "einet/planner.h"
#include "predict/belief.h"

namespace einet {

/// Decides which exits a run executes. Sessions and simulations obey the same policies (policy/run.h), so what is
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
  virtual bool replans() const noexcept { return false; }
  /// r_i: seconds that after() takes for exit `exit`, as measured; what a simulated run pays for it. 0 for policies
  /// that do not re-plan.
  virtual double planning_seconds(int /*exit*/) const noexcept { return 0.0; }
};

/// One plan for every input.
std::unique_ptr<Policy> fixed_policy(const plan::ExitPlan& plan);

/// EINet (paper IV, docs/definitions.md): starts with the plan for the prior, updates the belief after each output and
/// re-plans the suffix. When the belief never changes (shrinkage 0) it keeps its plan and re-plans nothing.
/// `planning_seconds` = r_i, one per exit; empty = 0.
std::unique_ptr<Policy> elastic_policy(predict::Belief belief, std::unique_ptr<plan::Planner> planner,
                                       std::vector<double> planning_seconds = {});

/// All exits until one is at least `threshold` confident, then none: the classic dynamic baseline.
std::unique_ptr<Policy> threshold_policy(int exits, float threshold);

/// Makes a fresh policy, one per session.
using PolicyFactory = std::function<std::unique_ptr<Policy>()>;

/// `times` as a run under `beliefs` goes by them: where these never change (shrinkage 0) nothing is re-planned, so no
/// planning costs are left. The one place that decides this.
plan::BlockTimes policy_times(plan::BlockTimes times, const predict::BeliefParameters& beliefs);

struct ElasticOptions {
  std::string planner = "exact";
  plan::PlannerOptions planner_options = {};
  /// The planner takes planning costs into account. False: it plans as if planning took no time (the paper); the run
  /// pays for it all the same.
  bool counts_planning = true;
};

/// Makes elastic policies that share the parameters and the predictor's weights and go by policy_times(). `predictor`
/// may be null where the beliefs never change. Throws as predict::Belief and plan::make_planner() do, now and not when
/// the first policy is made.
PolicyFactory elastic_policies(std::shared_ptr<const predict::BeliefParameters> beliefs,
                               std::shared_ptr<const predict::Predictor> predictor, plan::BlockTimes times,
                               std::shared_ptr<const plan::ExitTimeDistribution> distribution,
                               const ElasticOptions& options = {});

}  // namespace einet
