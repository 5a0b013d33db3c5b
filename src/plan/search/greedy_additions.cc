#include "plan/search/greedy_additions.h"

namespace einet::plan {
namespace {

/// The value that the outputs of `plan` after `done` add if they come at `delay`.
double tail_value(const Schedule& schedule, const PlanningState& now, const ExitPlan& plan, int done, double delay,
                  double score) {
  double value = 0.0;
  for (int exit = plan.next(done); exit < schedule.exits(); exit = plan.next(exit)) {
    value += (now.scores[exit] - score) * schedule.survival(schedule.ready(exit) + delay);
    score = now.scores[exit];
    delay += schedule.hold(exit);
  }
  return value;
}

}  // namespace

void add_greedily(const Schedule& schedule, const PlanningState& now, ExitPlan& plan) noexcept {
  double best_value = tail_value(schedule, now, plan, now.exit, now.delay, now.score);
  while (true) {
    int best_exit = -1;
    // A candidate does not affect the outputs before it, so their delay and value are computed incrementally.
    double delay = now.delay;
    double score = now.score;
    double value = 0.0;
    for (int exit = now.exit + 1; exit < schedule.exits(); ++exit) {
      const double exit_score = now.scores[exit];
      const double exit_value = value + (exit_score - score) * schedule.survival(schedule.ready(exit) + delay);
      const double exit_delay = delay + schedule.hold(exit);
      if (plan.contains(exit)) {
        delay = exit_delay;
        score = exit_score;
        value = exit_value;
        continue;
      }
      const double candidate = exit_value + tail_value(schedule, now, plan, exit, exit_delay, exit_score);
      if (candidate > best_value) {
        best_value = candidate;
        best_exit = exit;
      }
    }
    if (best_exit < 0) return;
    plan.insert(best_exit);
  }
}

}  // namespace einet::plan
