#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "einet/plan.h"
#include "policy/estimate.h"
#include "profile/cs_profile.h"

namespace einet::reproduce {

/// Where the scores that runs are re-planned with come from.
enum class Prediction {
  kBundle,          ///< The bundle's CS-Predictor.
  kLastConfidence,  ///< fit_last_confidence(): fitted here, also for profiles that were changed.
  kForesight,       ///< The confidences of all later exits, known in advance.
};

/// What scores mean to the planner.
enum class Scale {
  kConfidence,   ///< The confidence itself, as published.
  kTemperature,  ///< logit(confidence) / temperature.
  kProbability,  ///< The probability of being right: curves fitted on the fitting half.
};

/// The plan without re-planning that is compared with.
enum class Baseline {
  kOptimal,       ///< The best single plan for the accuracies of the exits.
  kByConfidence,  ///< The best single plan for their mean confidences: EINet's first plan, kept.
  kEvenlySpaced,  ///< The best of static-25, static-50 and static-100.
};

/// One set of conditions under which per-sample planning is compared with a single plan. The defaults are EINet as
/// published with free planning.
struct Conditions {
  double planning_seconds = 0.0;  ///< After each output; charged, but not planned for.
  Prediction prediction = Prediction::kBundle;
  Scale scale = Scale::kConfidence;
  double temperature = 1.0;   ///< For Scale::kTemperature; below 1 is more confident.
  bool same_samples = false;  ///< Fitted on all samples, also those that are scored.
  Baseline baseline = Baseline::kOptimal;
  std::string planner = "exact";
};

/// Overall accuracies under a uniform cut-off over the time of everything, and their paired difference.
struct Gain {
  policy::Estimate planned, single, gain;
};

/// Compares per-sample planning with a single plan on one network's profiles. Scores at most `samples` samples, evenly
/// from both halves; fits use all samples of the other half (all samples with same_samples).
class GainExperiment {
 public:
  /// `profile`: the CS-profile, perhaps changed. `bundle` gives the predictors for Prediction::kBundle; null = none.
  /// Both need not outlive the call.
  GainExperiment(profile::CsProfile profile, plan::BlockTimes times, const bundle::Bundle* bundle = nullptr,
                 int samples = 1000);
  ~GainExperiment();
  GainExperiment(GainExperiment&&) noexcept;

  /// The same with other times: predictors and curves are shared.
  GainExperiment with_times(plan::BlockTimes times) const;

  /// Throws kNotFound for Prediction::kBundle without predictors, and what planners throw.
  Gain gain(const Conditions& conditions) const;
  /// Of the decision table that `einet` uses (policy::checked_decisions()), fitted on the other half, over the best
  /// single plan; it needs no planning during a run.
  Gain decision_gain() const;
  /// Of the samples scored by gain(): the accuracy if the correctness of all exits were known in advance, less that of
  /// `baseline`.
  Gain oracle_gain(Baseline baseline = Baseline::kOptimal) const;

  const plan::BlockTimes& times() const { return times_; }
  const profile::CsProfile& profile() const;

 private:
  struct Side;
  struct Shared;
  explicit GainExperiment(std::shared_ptr<const Shared> shared, plan::BlockTimes times);

  std::vector<double> single_scores(const Side& side, const profile::CsProfile& scored, Baseline baseline) const;

  std::shared_ptr<const Shared> shared_;
  plan::BlockTimes times_;
};

/// The temperature at which the mean confidence over all samples and exits equals the mean accuracy. 1 where no
/// temperature from 0.05 to 20 does.
double calibrating_temperature(const profile::CsProfile& profile);

/// logit(confidence) / temperature as a confidence again.
double with_temperature(double confidence, double temperature);

}  // namespace einet::reproduce
