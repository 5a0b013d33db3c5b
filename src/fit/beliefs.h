#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "predict/belief.h"
#include "predict/predictor.h"
#include "profile/cs_profile.h"

namespace einet::fit {

struct BeliefOptions {
  /// What the predictor was trained on: "confidence" or "correctness".
  std::string target = "confidence";
  /// Stored as given: fit_bundle() chooses it by simulation.
  double shrinkage = 0.0;
  /// Predictions made per sample for the `predicted` curves: each draws a last executed exit, and half of them also
  /// skip earlier exits at random. More is smoother and slower (one predictor run each).
  int draws_per_sample = 8;
  int max_knots = 32;      ///< Of every curve.
  std::uint64_t seed = 1;  ///< Of the random skips.
};

/// Fits the belief's parameters on the samples of `profile`: the accuracy of each exit; the curve from the confidence
/// of exit i to its probability of being right; and the curve from the predicted score of exit j to its probability of
/// being right, over all last observed exits k < j, with and without random skips.
///
/// A predictor trained on the same samples overfits them, and so do its curves; the shrinkage corrects
/// for that. Throws kInvalidData if predictor and profile have different numbers of exits, kUsage for an unknown
/// target or a shrinkage outside [0,1].
predict::BeliefParameters fit_beliefs(const profile::CsProfile& profile, predict::Predictor& predictor,
                                      const BeliefOptions& options = {});

/// The target value at `exit` for `sample`: the confidence for "confidence"; for "correctness" 1 if the exit is right,
/// else 0.
double target_value(const profile::CsProfile& profile, int sample, int exit, const std::string& target);

/// Mean of the target at each exit: the baseline that a predictor has to beat.
std::vector<double> target_means(const profile::CsProfile& profile, const std::string& target);

/// Prediction errors over the exits after the last observed one (paper eq. 3). Entry k: exits 0..k were observed;
/// one entry per exit except the last.
struct PredictorErrors {
  std::vector<double> squared, absolute;            ///< Of the predictor.
  std::vector<double> mean_squared, mean_absolute;  ///< Of always predicting `means`, on the same samples.

  /// Averages over all prefixes.
  double overall_squared() const;
  double overall_absolute() const;
  double overall_mean_squared() const;
  double overall_mean_absolute() const;
};

/// Errors on the samples of `profile`, which should not be the training samples, after prefixes without skips. `means`
/// are target_means() of the training samples. Uses at most `max_samples`, evenly spaced.
PredictorErrors predictor_errors(const profile::CsProfile& profile, predict::Predictor& predictor,
                                 std::span<const double> means, const std::string& target, int max_samples = 1000);

}  // namespace einet::fit
