#pragma once

#include <cstdint>

#include "core/progress.h"
#include "einet/plan.h"
#include "predict/combination.h"
#include "profile/cs_profile.h"

namespace einet::fit {

struct CombinationOptions {
  int steps = 1500;
  int batch = 128;  ///< Samples per step.
  double learning_rate = 0.03;
  std::uint64_t seed = 1;  ///< Of samples and subsets.
};

/// The maximum-likelihood weights for combined answers on `profile`: minimises the mean of -log softmax(z)[label] over
/// samples and executed exits. For three out of four samples the executed exits are those of `plan`, for the others a
/// random subset. Deterministic. Throws kInvalidData if `profile` has no log-probabilities.
predict::CombinationWeights fit_combination(const profile::CsProfile& profile, const plan::ExitPlan& plan,
                                            const CombinationOptions& options = {},
                                            Progress& progress = Progress::none());

/// Mean of -log softmax(z)[label] over the exits in `executed` (not empty) for one sample. Adds its derivatives with
/// respect to the weights to `gradient`, whose vectors have one element per exit.
double combination_loss(const predict::CombinationWeights& weights, const profile::CsProfile& profile, int sample,
                        const plan::ExitPlan& executed, predict::CombinationWeights& gradient);

}  // namespace einet::fit
