#include "eval/simulate.h"

#include <algorithm>

namespace einet::eval {

std::vector<double> simulate(const Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                             const plan::ExitTimeDistribution& distribution) {
  std::vector<double> scores(profile.samples());
  for (int half = 0; half < 2; ++half) {
    const auto policy = method.policy[half]();
    policy::Simulation simulation(*policy, method.publish, profile, times, method.weights[half]);
    for (const int sample : profile::held_out_half(profile.samples(), half)) {
      scores[sample] = policy::score(simulation.run(sample), distribution);
    }
  }
  return scores;
}

std::vector<double> accuracy_at(const Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                                std::span<const double> cuts) {
  // change[c] = right samples at cuts[c] minus those at the previous cut.
  std::vector<int> change(cuts.size() + 1, 0);
  const auto first_cut_from = [&](double time) {
    return std::lower_bound(cuts.begin(), cuts.end(), time) - cuts.begin();
  };
  for (int half = 0; half < 2; ++half) {
    const auto policy = method.policy[half]();
    policy::Simulation simulation(*policy, method.publish, profile, times, method.weights[half]);
    for (const int sample : profile::held_out_half(profile.samples(), half)) {
      const std::span<const policy::ShownAnswer> shown = simulation.run(sample);
      for (std::size_t k = 0; k < shown.size(); ++k) {
        if (!shown[k].right) continue;
        ++change[first_cut_from(shown[k].time)];
        if (k + 1 < shown.size()) --change[first_cut_from(shown[k + 1].time)];
      }
    }
  }
  std::vector<double> accuracy(cuts.size());
  int right = 0;
  for (std::size_t c = 0; c < cuts.size(); ++c) {
    right += change[c];
    accuracy[c] = static_cast<double>(right) / std::max(1, profile.samples());
  }
  return accuracy;
}

}  // namespace einet::eval
