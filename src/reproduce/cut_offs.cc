#include "reproduce/cut_offs.h"

#include <random>

#include "policy/simulate.h"

namespace einet::reproduce {

std::vector<double> draw_cut_offs(int samples, const plan::ExitTimeDistribution& distribution, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> cuts(samples);
  for (double& cut : cuts) cut = distribution.sample(random);
  return cuts;
}

double accuracy_when_cut(const eval::Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                         std::span<const double> cuts) {
  int right = 0;
  for (int half = 0; half < 2; ++half) {
    const auto policy = method.policy[half]();
    policy::Simulation simulation(*policy, method.publish, profile, times, method.weights[half]);
    for (const int sample : profile::held_out_half(profile.samples(), half)) {
      bool correct = false;
      for (const policy::ShownAnswer& answer : simulation.run(sample)) {
        if (answer.time <= cuts[sample]) correct = answer.right;
      }
      right += correct;
    }
  }
  return static_cast<double>(right) / static_cast<double>(profile.samples());
}

eval::Method fixed_method(const std::string& name, const plan::ExitPlan& plan) {
  const PolicyFactory policy = [plan] { return fixed_policy(plan); };
  return {.name = name, .summary = "", .policy = {policy, policy}};
}

}  // namespace einet::reproduce
