#include "reproduce/live_runs.h"

#include <algorithm>
#include <memory>
#include <random>

#include "einet/distribution.h"
#include "einet/model.h"
#include "einet/policy.h"
#include "eval/live/cut_off.h"
#include "measure/block_times.h"
#include "policy/publish.h"
#include "runtime/model_parts.h"

namespace einet::reproduce {

LiveRuns run_live(const Subject& subject, const eval::ImageSource& images, const std::vector<plan::ExitPlan>& plans,
                  const LiveRunOptions& options, Progress& progress) {
  subject.bundle.require_weights();
  const auto program = subject.program ? subject.program : exec::compile(subject.bundle.graph);
  LiveRuns result;
  result.times = measure::measure_times(program).times();
  const double horizon = result.times.total();
  const auto distribution = plan::parse_distribution(options.distribution, horizon);
  const profile::CsProfile& profile = *subject.bundle.confidences;

  std::vector<std::unique_ptr<Policy>> policies;
  for (const plan::ExitPlan& plan : plans) policies.push_back(fixed_policy(plan));
  const plan::ExitPlan everything = plan::ExitPlan::all(subject.bundle.exits());
  ModelParts parts{.program = program,
                   .labels = subject.bundle.labels,
                   .normalization = subject.bundle.normalization,
                   .times = result.times,
                   .policy = [everything] { return fixed_policy(everything); }};
  eval::CutOffStage stage(Model::make(std::move(parts)));
  std::vector<float> pixels(program->input_size());
  std::vector<std::vector<double>> accuracies(plans.size());
  const double tolerance = std::max(0.05 * horizon, 20e-6);
  for (int r = 0; r < options.repetitions; ++r) {
    std::mt19937_64 random(options.seed + r);
    std::uniform_int_distribution<int> sample_of(0, profile.samples() - 1);
    std::vector<int> right(plans.size(), 0);
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(options.budget / options.repetitions);
    int done = 0;
    for (; done < options.images && (done == 0 || Clock::now() < end); ++done) {
      const int sample = sample_of(random);
      const double cut = distribution->sample(random);
      images(sample, pixels);
      for (std::size_t p = 0; p < plans.size(); ++p) {
        const eval::CutOff found =
            stage.run(*policies[p], Publish::kLatest, pixels, Seconds(cut), Seconds(tolerance), result.times);
        right[p] += found.answer.exists() && found.answer.label == profile.labels[sample];
        result.unsettled += found.unsettled();
      }
      progress.update("live", r * options.images + done, options.repetitions * options.images, "");
    }
    for (std::size_t p = 0; p < plans.size(); ++p) accuracies[p].push_back(static_cast<double>(right[p]) / done);
    result.images += done;
  }
  for (const std::vector<double>& values : accuracies) result.live.push_back(policy::estimate(values));
  return result;
}

}  // namespace einet::reproduce
