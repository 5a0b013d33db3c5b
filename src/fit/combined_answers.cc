#include "fit/combined_answers.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "einet/distribution.h"
#include "einet/planner.h"
#include "policy/estimate.h"
#include "policy/simulate.h"

namespace einet::fit {
namespace {

constexpr int kFewestSamples = 8;

}  // namespace

void fit_combined_answers(bundle::Bundle& bundle, const plan::BlockTimes& times, const CombinationOptions& options,
                          Progress& progress) {
  const profile::CsProfile& all = bundle.measured_confidences();
  bundle.combination.reset();
  bundle.fold_combinations = {};
  if (!all.has_log_probabilities() || all.samples() < kFewestSamples) return;
  plan::BlockTimes block_times = times;
  block_times.planning.clear();
  const auto distribution = plan::uniform_distribution(block_times.total());
  const auto best_plan = [&](const profile::CsProfile& samples) {
    return plan::make_planner("exact", block_times, distribution)->plan(samples.accuracies()).plan;
  };

  std::vector<double> combined, latest;
  for (int fitted = 0; fitted < 2; ++fitted) {
    const profile::CsProfile samples = all.rows(profile::held_out_half(all.samples(), fitted));
    const plan::ExitPlan plan = best_plan(samples);
    const auto weights =
        std::make_shared<predict::CombinationWeights>(fit_combination(samples, plan, options, progress));
    const auto policy = fixed_policy(plan);
    policy::Simulation with_latest(*policy, Publish::kLatest, all, block_times);
    policy::Simulation with_combined(*policy, Publish::kCombined, all, block_times, weights);
    for (const int sample : profile::held_out_half(all.samples(), 1 - fitted)) {
      latest.push_back(policy::score(with_latest.run(sample), *distribution));
      combined.push_back(policy::score(with_combined.run(sample), *distribution));
    }
    bundle.fold_combinations[fitted] = *weights;
  }
  const policy::Estimate gain = policy::paired_difference(combined, latest);
  bundle.combination = fit_combination(all, best_plan(all), options, progress);
  bundle.combination->gain = gain.mean;
  bundle.combination->gain_stderr = gain.standard_error;
}

nlohmann::json combination_summary(const predict::CombinationWeights& weights) {
  return {{"gain", weights.gain}, {"gain_stderr", weights.gain_stderr}, {"default", weights.pays()}};
}

}  // namespace einet::fit
