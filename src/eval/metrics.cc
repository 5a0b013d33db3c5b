#include "eval/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>

#include "graph/cost.h"
#include "policy/simulate.h"
#include "profile/frequent_class.h"

namespace einet::eval {

double calibration_error(std::span<const float> confidence, std::span<const std::uint8_t> right, int bins) {
  std::vector<double> surplus(bins);  // By bin: sum of confidence - right.
  for (std::size_t i = 0; i < confidence.size(); ++i) {
    const int bin = std::clamp(static_cast<int>(std::ceil(confidence[i] * static_cast<float>(bins))) - 1, 0, bins - 1);
    surplus[bin] += static_cast<double>(confidence[i]) - (right[i] ? 1.0 : 0.0);
  }
  double sum = 0.0;
  for (const double bin : surplus) sum += std::abs(bin);
  return confidence.empty() ? 0.0 : sum / static_cast<double>(confidence.size());
}

double risk_coverage_area(std::span<const float> confidence, std::span<const std::uint8_t> right) {
  std::vector<std::size_t> order(confidence.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return confidence[a] > confidence[b]; });
  double area = 0.0, wrong = 0.0;
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    double tied_wrong = 0.0;
    for (; end < order.size() && confidence[order[end]] == confidence[order[begin]]; ++end) {
      tied_wrong += right[order[end]] ? 0.0 : 1.0;
    }
    const double each = tied_wrong / static_cast<double>(end - begin);
    for (; begin < end; ++begin) {
      wrong += each;
      area += wrong / static_cast<double>(begin + 1);
    }
  }
  return order.empty() ? 0.0 : area / static_cast<double>(order.size());
}

std::vector<ExitMetrics> exit_metrics(const bundle::Bundle& bundle, const plan::BlockTimes& times) {
  const profile::CsProfile& profile = bundle.measured_confidences();
  const auto costs = graph::block_costs(bundle.graph, graph::partition(bundle.graph));
  std::vector<ExitMetrics> exits;
  std::int64_t macs = 0;
  double seconds = 0.0;
  for (int exit = 0; exit < profile.exits; ++exit) {
    std::vector<float> confidence;
    std::vector<std::uint8_t> right;
    for (int sample = 0; sample < profile.samples(); ++sample) {
      confidence.push_back(profile.confidence_at(sample, exit));
      right.push_back(profile.right(sample, exit) ? 1 : 0);
    }
    macs += costs[exit].conv_macs;
    seconds += times.conv[exit];
    exits.push_back({.accuracy = profile.accuracy(exit),
                     .calibration_error = calibration_error(confidence, right),
                     .risk_coverage_area = risk_coverage_area(confidence, right),
                     .macs = macs + costs[exit].branch_macs,
                     .seconds = seconds + times.branch[exit]});
  }
  return exits;
}

double elasticity(double expectation, const profile::CsProfile& profile) {
  const std::vector<double> accuracies = profile.accuracies();
  const double best = accuracies.empty() ? 0.0 : *std::ranges::max_element(accuracies);
  return best > 0.0 ? expectation / best : 0.0;
}

namespace {

/// The largest loss of the true class's probability between an answer and any later one.
double largest_drop(std::span<const policy::ShownAnswer> shown) {
  double highest = 0.0, drop = 0.0;
  for (const policy::ShownAnswer& answer : shown) {
    highest = std::max(highest, answer.true_class);
    drop = std::max(drop, highest - answer.true_class);
  }
  return drop;
}

}  // namespace

RunMetrics run_metrics(const Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                       const plan::ExitTimeDistribution& distribution, double horizon) {
  RunMetrics metrics;
  const std::array cuts = {0.25 * horizon, 0.5 * horizon, 0.75 * horizon};
  metrics.accuracy_at_quarters.assign(cuts.size(), 0.0);
  if (profile.has_log_probabilities()) metrics.true_class_drops.assign(kDrops.size(), 0.0);
  for (int half = 0; half < 2; ++half) {
    const auto policy = method.policy[half]();
    policy::Simulation simulation(*policy, method.publish, profile, times, method.weights[half]);
    if (profile.has_log_probabilities()) simulation.record_true_class();
    std::vector<std::int32_t> others;
    for (const int sample : profile::held_out_half(profile.samples(), 1 - half)) {
      others.push_back(profile.labels[sample]);
    }
    const int frequent = profile::most_frequent_class(others).label;
    for (const int sample : profile::held_out_half(profile.samples(), half)) {
      const std::span<const policy::ShownAnswer> shown = simulation.run(sample);
      const double first = shown.empty() ? horizon : shown.front().time;
      metrics.first_answer_seconds += first;
      const double unanswered = shown.empty() ? 1.0 : distribution.cdf(first);
      metrics.unanswered += unanswered;
      if (profile.labels[sample] == frequent) metrics.frequent_initial += unanswered;
      const auto loses = [](const policy::ShownAnswer& a, const policy::ShownAnswer& b) { return a.right && !b.right; };
      metrics.lost += std::ranges::adjacent_find(shown, loses) != shown.end() ? 1.0 : 0.0;
      const double drop = profile.has_log_probabilities() ? largest_drop(shown) : 0.0;
      for (std::size_t d = 0; d < metrics.true_class_drops.size(); ++d) {
        if (drop > kDrops[d]) metrics.true_class_drops[d] += 1.0;
      }
      for (std::size_t c = 0; c < cuts.size(); ++c) {
        const auto later = std::ranges::upper_bound(shown, cuts[c], {}, &policy::ShownAnswer::time);
        if (later != shown.begin() && std::prev(later)->right) metrics.accuracy_at_quarters[c] += 1.0;
      }
    }
  }
  const double samples = std::max(1, profile.samples());
  metrics.first_answer_seconds /= samples;
  metrics.unanswered /= samples;
  metrics.lost /= samples;
  metrics.frequent_initial /= samples;
  for (double& share : metrics.true_class_drops) share /= samples;
  for (double& accuracy : metrics.accuracy_at_quarters) accuracy /= samples;
  return metrics;
}

}  // namespace einet::eval
