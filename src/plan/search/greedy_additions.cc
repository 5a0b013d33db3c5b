#include "plan/search/greedy_additions.h"

#include <limits>

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

double value_of(const Schedule& schedule, const PlanningState& now, const ExitPlan& plan) {
  return tail_value(schedule, now, plan, now.exit, now.delay, now.score);
}

struct Addition {
  int exit = -1;  ///< -1: none is worth more than what was asked for.
  double value;   ///< Of the plan with it.
};

/// The exit outside `plan` that gives it the highest value, if that is above `least`; of equal ones, the first.
Addition best_addition(const Schedule& schedule, const PlanningState& now, const ExitPlan& plan, double least) {
  Addition best{.value = least};
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
    if (candidate > best.value) best = {exit, candidate};
  }
  return best;
}

}  // namespace

void add_greedily(const Schedule& schedule, const PlanningState& now, ExitPlan& plan) noexcept {
  double value = value_of(schedule, now, plan);
  while (true) {
    const Addition added = best_addition(schedule, now, plan, value);
    if (added.exit < 0) return;
    plan.insert(added.exit);
    value = added.value;
  }
}

void add_until_all(const Schedule& schedule, const PlanningState& now, ExitPlan& plan) noexcept {
  double best_value = value_of(schedule, now, plan);
  ExitPlan grown = plan;
  while (true) {
    const Addition added = best_addition(schedule, now, grown, -std::numeric_limits<double>::infinity());
    if (added.exit < 0) return;
    grown.insert(added.exit);
    if (added.value > best_value) {
      best_value = added.value;
      plan = grown;
    }
  }
}

}  // namespace einet::plan
