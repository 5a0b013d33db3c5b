#pragma once

#include <memory>
#include <vector>

#include "predict/predictor.h"
#include "profile/cs_profile.h"

namespace einet::predict {

/// Joint normal distribution of the logits log(C / (1 - C)) of all exits' confidences.
struct GaussianModel {
  std::vector<double> mean;        ///< [n]
  std::vector<double> covariance;  ///< [n, n], symmetric, positive definite.
};

/// Mean and covariance over the samples of `profile`, with `ridge` times the mean variance added to the diagonal (exits
/// that say nearly the same would else make it singular). Throws kInvalidData for fewer than two samples.
GaussianModel fit_gaussian(const profile::CsProfile& profile, double ridge = 1e-3);

/// Predicts the confidence whose logit is the conditional mean given exactly the executed exits: no filling of skipped
/// ones, no training. Seeing one more exit costs O(n m) after m seen ones; a new run starts over.
/// Throws kInvalidData on sizes that disagree, NaN, or a covariance that is not positive on its diagonal.
std::unique_ptr<Predictor> gaussian_predictor(GaussianModel model);

}  // namespace einet::predict
