#include "fit/exit_choice.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "bundle/keep_exits.h"
#include "einet/distribution.h"
#include "fit/combined_answers.h"
#include "graph/cost.h"
#include "policy/decision_fit.h"

namespace einet::fit {
namespace {

/// The time that branches may add to that of the trunk: the default limit of insert-exits.
constexpr double kBranches = 0.25;

double default_horizon(const plan::BlockTimes& times) {
  const double trunk = std::accumulate(times.conv.begin(), times.conv.end(), 0.0) + times.branch.back();
  return std::min(times.total(), (1 + kBranches) * trunk);
}

/// Adds the network on a machine to the candidates' devices and to the platforms.
void add_device(const profile::EtProfile& timing, const ExitChoiceOptions& options, ExitChoice& choice) {
  plan::BlockTimes times = timing.times();
  times.planning.clear();  // The plan for the population is made in advance.
  const double horizon = options.horizon > 0 ? options.horizon : default_horizon(times);
  choice.platforms.push_back({timing.platform.name, horizon});
  choice.candidates.devices.push_back({times, plan::parse_distribution(options.distribution, horizon)});
}

/// Scores, sizes and limits.
plan::ExitCandidates candidates_of(const bundle::Bundle& bundle, const ExitChoiceOptions& options) {
  plan::ExitCandidates candidates;
  candidates.scores = bundle.measured_confidences().accuracies();
  for (const graph::BlockCost& cost : graph::block_costs(bundle.graph, graph::partition(bundle.graph))) {
    candidates.conv_size.push_back(static_cast<double>(cost.conv_parameters));
    candidates.branch_size.push_back(static_cast<double>(cost.branch_parameters));
  }
  if (options.max_parameters > 0) candidates.max_size = static_cast<double>(options.max_parameters);
  candidates.max_exits = options.max_exits;
  candidates.keep_last = options.keep_last;
  return candidates;
}

/// Uses the times of `platform` for combined answers, or of another one if the bundle has none for it.
void fit_again(bundle::Bundle& bundle, const std::string& platform) {
  if (bundle.timing.empty()) return;
  for (auto& [name, timing] : bundle.timing) {
    const plan::BlockTimes times = timing.times();
    const auto distribution = plan::uniform_distribution(times.total());
    timing.decisions = policy::checked_decisions(*bundle.confidences, times, distribution).table;
  }
  const auto found = bundle.timing.find(platform);
  fit_combined_answers(bundle, (found == bundle.timing.end() ? bundle.timing.begin() : found)->second.times());
}

}  // namespace

ExitChoice choose_exits(const bundle::Bundle& before, const std::vector<profile::EtProfile>& timings,
                        const ExitChoiceOptions& options) {
  ExitChoice choice;
  choice.candidates = candidates_of(before, options);
  for (const profile::EtProfile& timing : timings) add_device(timing, options, choice);
  choice.chosen = plan::choose_exits(choice.candidates);
  choice.after = bundle::keep_exits(before, choice.chosen.exits);
  fit_again(choice.after, choice.platforms.front().name);
  return choice;
}

}  // namespace einet::fit
