// Exact simulation from profiles.
//
// Idea. A run's only randomness is the moment of the cut-off, and a policy's decisions do not depend on it: it just
// happens. So one walk of the policy through the sample's profile gives the step curve "right or wrong from time t on",
// and the probability of a right answer is the integral of that curve over F. No cut-off is ever drawn.
//
// Example. Exits answer at 1 (right), 3 (wrong) and 4 (right) of a horizon of 5, F uniform: (3-1)/5 + (5-4)/5 = 0.6.
//
// Cost: one policy decision per executed exit and sample; 10,000 samples of a fixed plan take some 2 ms.

#include "einet/eval/simulate.h"

#include <algorithm>

#include "einet/plan/planner.h"

namespace einet::eval {

void walk(Policy& policy, Publish publish, const profile::CsProfile& profile, int sample, const plan::BlockTimes& times,
          std::span<const double> planning, std::vector<Step>& steps) {
  steps.clear();
  const int exits = profile.exits;
  double time = 0.0;
  float best = 0.0f;
  const plan::ExitPlan* plan = &policy.begin();
  for (int exit = 0; plan->next(exit - 1) < exits; ++exit) {
    time += times.conv[exit];
    if (!plan->contains(exit)) continue;
    time += times.branch[exit];
    const float confidence = profile.confidence_at(sample, exit);
    if (publish == Publish::kLatest || steps.empty() || confidence > best) {
      steps.push_back({time, exit, profile.right(sample, exit)});
      best = confidence;
    }
    if (exit + 1 == exits) break;
    plan = &policy.after(exit, confidence, time);
    if (!planning.empty()) time += planning[exit];
  }
}

double score(std::span<const Step> steps, const plan::ExitTimeDistribution& distribution) {
  double sum = 0.0;
  for (std::size_t k = 0; k < steps.size(); ++k) {
    if (!steps[k].right) continue;
    const double until = k + 1 < steps.size() ? distribution.cdf(steps[k + 1].time) : 1.0;
    sum += until - distribution.cdf(steps[k].time);
  }
  return sum;
}

std::vector<double> simulate(Policy& policy, Publish publish, const profile::CsProfile& profile,
                             const plan::BlockTimes& times, std::span<const double> planning,
                             const plan::ExitTimeDistribution& distribution) {
  std::vector<double> scores(profile.samples());
  std::vector<Step> steps;
  for (int sample = 0; sample < profile.samples(); ++sample) {
    walk(policy, publish, profile, sample, times, planning, steps);
    scores[sample] = score(steps, distribution);
  }
  return scores;
}

std::vector<double> simulate(const Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                             const plan::ExitTimeDistribution& distribution) {
  std::vector<double> scores(profile.samples());
  std::vector<Step> steps;
  for (int half = 0; half < 2; ++half) {
    const auto policy = method.policy[half]();
    for (const int sample : profile::held_out_half(profile.samples(), half)) {
      walk(*policy, method.publish, profile, sample, times, method.planning[half], steps);
      scores[sample] = score(steps, distribution);
    }
  }
  return scores;
}

std::vector<double> simulate_oracle(const profile::CsProfile& profile, const plan::BlockTimes& times,
                                    const std::shared_ptr<const plan::ExitTimeDistribution>& distribution) {
  plan::BlockTimes free_planning = times;
  free_planning.planning.clear();
  const auto planner = plan::make_planner("exact", free_planning, distribution);
  std::vector<double> right(profile.exits);
  std::vector<double> scores(profile.samples());
  for (int sample = 0; sample < profile.samples(); ++sample) {
    for (int exit = 0; exit < profile.exits; ++exit) right[exit] = profile.right(sample, exit) ? 1.0 : 0.0;
    scores[sample] = planner->plan(right).expectation;
  }
  return scores;
}

std::vector<double> accuracy_at(const Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                                std::span<const double> cuts) {
  // change[c] = how many more samples are right at cuts[c] than at the cut before.
  std::vector<int> change(cuts.size() + 1, 0);
  const auto first_cut_from = [&](double time) {
    return std::lower_bound(cuts.begin(), cuts.end(), time) - cuts.begin();
  };
  std::vector<Step> steps;
  for (int half = 0; half < 2; ++half) {
    const auto policy = method.policy[half]();
    for (const int sample : profile::held_out_half(profile.samples(), half)) {
      walk(*policy, method.publish, profile, sample, times, method.planning[half], steps);
      for (std::size_t k = 0; k < steps.size(); ++k) {
        if (!steps[k].right) continue;
        ++change[first_cut_from(steps[k].time)];
        if (k + 1 < steps.size()) --change[first_cut_from(steps[k + 1].time)];
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
