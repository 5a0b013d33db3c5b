#pragma once

#include <cstdint>
#include <memory>

#include "einet/distribution.h"
#include "einet/plan.h"
#include "plan/decision_table.h"
#include "policy/estimate.h"
#include "profile/cs_profile.h"

namespace einet::policy {

struct DecisionFitOptions {
  int buckets = 5;  ///< Of the confidence, with equal numbers of samples; >= 1.
  /// A decision deviates from the population's plan only if its mean gain on the samples of its cell exceeds this many
  /// standard errors.
  double standard_errors = 1.0;
  std::uint64_t seed = 1;  ///< Of the runs that the decisions are fitted on.
};

/// Fits a decision table on the samples of `profile` by policy search backwards over the exits (see decision_fit.cc).
/// Planning costs in `times` are ignored. Deterministic. Throws kInvalidData for an empty or invalid profile, or if
/// times and profile have different numbers of exits.
plan::DecisionTable fit_decisions(const profile::CsProfile& profile, const plan::BlockTimes& times,
                                  const std::shared_ptr<const plan::ExitTimeDistribution>& distribution,
                                  const DecisionFitOptions& options = {});

/// A fitted table and its gain.
struct DecisionFit {
  plan::DecisionTable table;  ///< Fitted on all samples if that has a gain, otherwise the best single plan.
  /// Gain of the fitted table over the best single plan, by 2-fold cross-validation: fitted on each held-out half,
  /// simulated on the other.
  Estimate gain;
};

/// Fits a table and keeps it only if its gain exceeds its standard error. Profiles with fewer than 200 samples, or with
/// so many exits that fitting would take minutes, give the best single plan and a gain of 0. Throws like
/// fit_decisions().
DecisionFit checked_decisions(const profile::CsProfile& profile, const plan::BlockTimes& times,
                              const std::shared_ptr<const plan::ExitTimeDistribution>& distribution,
                              const DecisionFitOptions& options = {});

}  // namespace einet::policy
