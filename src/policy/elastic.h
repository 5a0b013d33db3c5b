#pragma once

#include <memory>
#include <string>
#include <vector>

#include "einet/distribution.h"
#include "einet/plan.h"
#include "einet/planner.h"
#include "einet/policy.h"
#include "predict/belief.h"

namespace einet {

/// EINet (paper IV, docs/definitions.md): starts with the plan for the prior, updates the belief after each output and
/// re-plans the suffix. When the belief never changes (shrinkage 0) it keeps its plan and re-plans nothing.
/// `planning_seconds` = r_i, one per exit; empty = 0.
std::unique_ptr<Policy> elastic_policy(predict::Belief belief, std::unique_ptr<plan::Planner> planner,
                                       std::vector<double> planning_seconds = {});

/// The block times of a run under `beliefs`: without planning costs if the beliefs never change (shrinkage 0),
/// because nothing is re-planned then. All callers take this decision from here.
plan::BlockTimes policy_times(plan::BlockTimes times, const predict::BeliefParameters& beliefs);

struct ElasticOptions {
  std::string planner = "exact";
  plan::PlannerOptions planner_options = {};
  /// The planner takes planning costs into account. If false, it plans as if planning took no time (as in the
  /// paper), but simulations still charge for it.
  bool counts_planning = true;
};

/// Makes elastic policies that share the parameters and the weights of the predictor and use policy_times().
/// `predictor` may be null if the beliefs never change. Throws what predict::Belief and plan::make_planner() throw,
/// in this call rather than when the first policy is made.
PolicyFactory elastic_policies(std::shared_ptr<const predict::BeliefParameters> beliefs,
                               std::shared_ptr<const predict::Predictor> predictor, plan::BlockTimes times,
                               std::shared_ptr<const plan::ExitTimeDistribution> distribution,
                               const ElasticOptions& options = {});

}  // namespace einet
