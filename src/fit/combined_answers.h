#pragma once

#include <nlohmann/json_fwd.hpp>

#include "bundle/bundle.h"
#include "core/progress.h"
#include "einet/plan.h"
#include "fit/combination.h"

namespace einet::fit {

/// Fits the weights of combined answers on held-out half 0, on half 1 (bundle.fold_combinations) and on all samples
/// (bundle.combination), each for the best static plan for its samples under a uniform cut-off. The gain over latest
/// answers is measured with the plan and weights of each half on the other half, paired over the samples.
///
/// Leaves the bundle without such weights if the CS-profile has no log-probabilities or fewer than 8 samples. Throws
/// kNotFound if there is no CS-profile, kInvalidData if `times` have another number of exits.
void fit_combined_answers(bundle::Bundle& bundle, const plan::BlockTimes& times, const CombinationOptions& options = {},
                          Progress& progress = Progress::none());

/// {"gain", "gain_stderr", "default"}: the gain over latest answers, and whether runs publish combined answers by
/// default.
nlohmann::json combination_summary(const predict::CombinationWeights& weights);

}  // namespace einet::fit
