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

/// The weights under which the combined answers of `profile` are most likely: the mean over samples, and over the exits
/// executed, of -log softmax(z)[label] is minimised. For three in four samples the executed exits are `plan`, for
/// the others a random subset of the exits. Deterministic. Throws kInvalidData when `profile` has no log-probabilities.
predict::CombinationWeights fit_combination(const profile::CsProfile& profile, const plan::ExitPlan& plan,
                                            const CombinationOptions& options = {},
                                            Progress& progress = Progress::none());

/// Mean of -log softmax(z)[label] over the exits in `executed` (not empty) for one sample. Adds its derivatives by the
/// weights to `gradient`, whose vectors have one element per exit.
double combination_loss(const predict::CombinationWeights& weights, const profile::CsProfile& profile, int sample,
                        const plan::ExitPlan& executed, predict::CombinationWeights& gradient);

}  // namespace einet::fit
