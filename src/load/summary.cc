#include "load/summary.h"

#include <algorithm>

#include "profile/statistics.h"

namespace einet::load {

Quantiles quantiles(std::vector<double> values) {
  std::ranges::sort(values);
  return {.samples = static_cast<int>(values.size()),
          .p50 = profile::nearest_rank(values, 0.5),
          .p99 = profile::nearest_rank(values, 0.99),
          .p999 = profile::nearest_rank(values, 0.999)};
}

Summary summarize(std::span<const Outcome> outcomes, std::span<const int> labels,
                  std::optional<std::chrono::microseconds> timeout) {
  Summary summary;
  summary.requests = static_cast<int>(outcomes.size());
  std::vector<double> latency, lateness, sent;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const Outcome& outcome = outcomes[i];
    sent.push_back(outcome.sent.count());
    if (!outcome.answered()) {
      ++summary.refusals[outcome.refusal];
      continue;
    }
    ++summary.answered;
    if (outcome.label == labels[i]) ++summary.right;
    const auto exit = static_cast<std::size_t>(outcome.exit);
    if (exit >= summary.exits.size()) summary.exits.resize(exit + 1, 0);
    ++summary.exits[exit];
    latency.push_back(outcome.latency.count());
    if (outcome.interrupted && timeout) lateness.push_back((outcome.latency - Seconds(*timeout)).count());
  }
  summary.latency = quantiles(std::move(latency));
  summary.lateness = quantiles(std::move(lateness));
  summary.sent = quantiles(std::move(sent));
  return summary;
}

}  // namespace einet::load
