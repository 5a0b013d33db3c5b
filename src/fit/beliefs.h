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
  /// Kept as given: it is chosen elsewhere, by simulation.
  double shrinkage = 0.0;
  /// Predictions made per sample for the `predicted` curves: each draws a last executed exit, and half of them also
  /// skip earlier exits at random. More is smoother and slower (one predictor run each).
  int draws_per_sample = 8;
  int max_knots = 32;      ///< Of every curve.
  std::uint64_t seed = 1;  ///< Of the random skips.
};

/// Fits the belief's parameters on the samples of `profile`: each exit's accuracy; the curve from the confidence of
/// exit i to being right; and the curve from the predicted score of exit j, over all last-seen exits k < j and over
/// plain prefixes and random skips alike, to being right at j.
///
/// A predictor trained on these same samples fits them too well, and so do its curves; the shrinkage corrects
/// for that. Throws kInvalidData when predictor and profile disagree about the exits, kUsage for an unknown
/// target or a shrinkage outside [0,1].
predict::BeliefParameters fit_beliefs(const profile::CsProfile& profile, predict::Predictor& predictor,
                                      const BeliefOptions& options = {});

/// The value that a predictor of `target` should predict at `exit` for `sample`: the confidence, or 1 if the exit is
/// right, else 0.
double target_value(const profile::CsProfile& profile, int sample, int exit, const std::string& target);

/// Mean of the target at each exit: the baseline that a predictor has to beat.
std::vector<double> target_means(const profile::CsProfile& profile, const std::string& target);

/// How far predictions are off, over the exits after the last one seen (paper eq. 3). Entry k: exits 0..k were seen;
/// one entry per exit but the last.
struct PredictorErrors {
  std::vector<double> squared, absolute;            ///< Of the predictor.
  std::vector<double> mean_squared, mean_absolute;  ///< Of always predicting `means`, on the same samples.

  /// Averages over all prefixes.
  double overall_squared() const;
  double overall_absolute() const;
  double overall_mean_squared() const;
  double overall_mean_absolute() const;
};

/// Errors on the samples of `profile` (which should not be those it was trained on), of plain prefixes. `means` are
/// target_means() of the training samples. At most `max_samples`, evenly spaced, are used.
PredictorErrors predictor_errors(const profile::CsProfile& profile, predict::Predictor& predictor,
                                 std::span<const double> means, const std::string& target, int max_samples = 1000);

}  // namespace einet::fit
