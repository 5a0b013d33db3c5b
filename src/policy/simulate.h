#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "einet/distribution.h"
#include "einet/plan.h"
#include "einet/policy.h"
#include "policy/publish.h"
#include "policy/virtual_lanes.h"
#include "predict/combination.h"
#include "profile/cs_profile.h"

namespace einet::policy {

/// `times` with the planning costs of `policy`: Policy::planning_seconds() of every exit.
plan::BlockTimes times_under(const Policy& policy, plan::BlockTimes times);

/// The answer shown from `time` seconds until the next ShownAnswer: that of `exit`, or the combined one up to `exit`.
struct ShownAnswer {
  double time = 0.0;
  int exit = 0;
  bool right = false;
  /// Probability in [0,1] that the answer gives to the sample's true class; NaN unless
  /// Simulation::record_true_class() was called.
  double true_class = std::numeric_limits<double>::quiet_NaN();
};

/// Runs a policy on samples of a CS-profile in virtual time: conv parts and branches take exactly `times`, planning
/// takes Policy::planning_seconds() (`times.planning` is ignored). With two lanes if the times have two.
class Simulation {
 public:
  /// `policy` and `profile` must outlive it.
  /// `weights` are for Publish::kCombined, which also needs the profile's log-probabilities; throws kInvalidData if
  /// either is missing.
  Simulation(Policy& policy, Publish publish, const profile::CsProfile& profile, plan::BlockTimes times,
             std::shared_ptr<const predict::CombinationWeights> weights = nullptr);

  /// Fills ShownAnswer::true_class from now on. The profile must have log-probabilities.
  void record_true_class() { true_class_ = true; }

  /// The answers that a run on `sample` shows, in order. Valid until the next call. A run with a `deadline`, in seconds
  /// from its start, is planned for it and shows only answers before it.
  std::span<const ShownAnswer> run(int sample, double deadline = plan::kNoDeadline);

 private:
  Policy& policy_;
  const Publish publish_;
  const profile::CsProfile& profile_;
  plan::BlockTimes times_;  ///< With the policy's planning costs.
  VirtualLanes lanes_;      ///< Workspace of runs with two lanes.
  std::vector<ShownAnswer> shown_;
  std::optional<predict::Combiner> combiner_;  ///< For Publish::kCombined.
  std::vector<float> log_probabilities_;       ///< Of one exit.
  bool true_class_ = false;
};

/// Probability that the answer is right at a cut-off drawn from `distribution`: sum of right * (F(next) - F(time)).
double score(std::span<const ShownAnswer> shown, const plan::ExitTimeDistribution& distribution);

/// score() of every sample of `profile`, in the order of the samples. Exact except for rounding.
std::vector<double> simulate(Policy& policy, Publish publish, const profile::CsProfile& profile,
                             const plan::BlockTimes& times, const plan::ExitTimeDistribution& distribution);

/// The score of every sample if the correctness of its exits were known in advance: an upper bound for every method.
std::vector<double> simulate_oracle(const profile::CsProfile& profile, const plan::BlockTimes& times,
                                    const std::shared_ptr<const plan::ExitTimeDistribution>& distribution);

}  // namespace einet::policy
