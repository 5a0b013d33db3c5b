// The paper's Algorithm 1, in the order in which a run executes the blocks.
//
// Summation by parts. Equation 4 weights every answer by the probability that the cut-off comes while it is in force,
//
//     E = C_0 (F(t_1) - F(t_0)) + C_1 (F(t_2) - F(t_1)) + ... + C_m (1 - F(t_m)),
//
// with answer 0 in force at the start. With the survival function G = 1 - F the same sum reads
//
//     E = C_0 G(t_0) + (C_1 - C_0) G(t_1) + ... + (C_m - C_{m-1}) G(t_m):
//
// every output gains C_a - C_{a-1} over the answer before it, and the gain counts if the run is not cut off yet. The
// end needs no special case: an output beyond the horizon has G = 0. All planners use this form.
//
// O(n), one call of F per output.

#include <algorithm>

#include "einet/plan.h"
#include "einet/planner.h"
#include "plan/lanes.h"
#include "plan/survival.h"

namespace einet::plan {
namespace {

/// A function of its own: inlined, it slows down the case of one lane by a quarter.
[[gnu::noinline]] double two_lane_expectation(const BlockTimes& times, const Survival& survival,
                                              std::span<const double> scores, const ExitPlan& plan, const Start& start,
                                              int exits) noexcept {
  const auto score = [&](int exit) { return exit < exits ? clean_score(scores[exit]) : 0.0; };
  Resumed now = resume(times, start, std::clamp(start.exit, -1, exits - 1), score, survival);
  for (int exit = now.lanes.passed + 1; exit < exits; ++exit) {
    if (!plan.contains(exit)) continue;
    const double time = next_output(times, now.lanes, exit);
    now.value += (score(exit) - now.score) * survival(time);
    now.score = score(exit);
  }
  return now.value;
}

}  // namespace

double expectation(const BlockTimes& times, const ExitTimeDistribution& distribution, std::span<const double> scores,
                   const ExitPlan& plan, const Start& start) noexcept {
  const int exits = std::min({times.exits(), static_cast<int>(scores.size()), plan.exits()});
  const Survival survival(distribution, clean_deadline(start.deadline));
  if (times.lanes() == 2) return two_lane_expectation(times, survival, scores, plan, start, exits);
  double time = clean_elapsed(start.elapsed);
  double score = clean_score(start.score);
  double value = score * survival(time);

  int last = std::clamp(start.exit, -1, exits - 1);
  for (int exit = last + 1; exit < exits; ++exit) {
    if (!plan.contains(exit)) continue;
    time = next_output(times, last, time, exit);
    const double next_score = clean_score(scores[exit]);
    value += (next_score - score) * survival(time);
    score = next_score;
    last = exit;
  }
  return value;
}

}  // namespace einet::plan
