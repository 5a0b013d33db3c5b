#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "plan/decision_table.h"
#include "policy/decisions.h"
#include "policy/simulate.h"

namespace einet::policy {

/// Score of the samples in one cell of exit 0 if that cell chooses `next`; the run begins with exit 0.
inline double cell_score(plan::DecisionTable table, std::size_t cell, int next, const profile::CsProfile& profile,
                         const plan::BlockTimes& times, const plan::ExitTimeDistribution& distribution) {
  table.rows[0].next[cell] = next;
  const auto policy =
      decision_policy(std::make_shared<const plan::DecisionTable>(table), 0.0, fixed_policy(table.population));
  const std::vector<double> scores = simulate(*policy, Publish::kLatest, profile, times, distribution);
  double sum = 0.0;
  for (int sample = 0; sample < profile.samples(); ++sample) {
    const auto& edges = table.rows[0].edges;
    const auto bucket = std::ranges::upper_bound(edges, profile.confidence_at(sample, 0)) - edges.begin();
    if (static_cast<std::size_t>(bucket) == cell) sum += scores[sample];
  }
  return sum;
}

}  // namespace einet::policy
