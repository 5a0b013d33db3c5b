#include "plan/search/greedy_additions.h"

#include <limits>

namespace einet::plan {
namespace {

/// The value that the outputs of `plan` after `done` add if they continue from `state`.
template <class Law>
double tail_value(const Law& law, const PlanningState& now, const ExitPlan& plan, int done, typename Law::State state,
                  double score) {
  double value = 0.0;
  for (int exit = plan.next(done); exit < law.schedule.exits(); exit = plan.next(exit)) {
    value += (now.scores[exit] - score) * law.schedule.survival(law.output(state, exit));
    score = now.scores[exit];
  }
  return value;
}

template <class Law>
double value_of(const Law& law, const PlanningState& now, const ExitPlan& plan) {
  return tail_value(law, now, plan, now.exit, law.start(now), now.score);
}

struct Addition {
  int exit = -1;  ///< -1: none is worth more than what was asked for.
  double value;   ///< Of the plan with it.
};

/// The exit outside `plan` that gives it the highest value, if that is above `least`; of equal ones, the first.
template <class Law>
Addition best_addition(const Law& law, const PlanningState& now, const ExitPlan& plan, double least) {
  Addition best{.value = least};
  // A candidate does not affect the outputs before it, so their times and value are computed incrementally.
  auto state = law.start(now);
  double score = now.score;
  double value = 0.0;
  for (int exit = now.exit + 1; exit < law.schedule.exits(); ++exit) {
    const double exit_score = now.scores[exit];
    auto exit_state = state;
    const double exit_value = value + (exit_score - score) * law.schedule.survival(law.output(exit_state, exit));
    if (plan.contains(exit)) {
      state = exit_state;
      score = exit_score;
      value = exit_value;
      continue;
    }
    const double candidate = exit_value + tail_value(law, now, plan, exit, exit_state, exit_score);
    if (candidate > best.value) best = {exit, candidate};
  }
  return best;
}

template <class Law>
void add_while_better(const Law& law, const PlanningState& now, ExitPlan& plan) {
  double value = value_of(law, now, plan);
  while (true) {
    const Addition added = best_addition(law, now, plan, value);
    if (added.exit < 0) return;
    plan.insert(added.exit);
    value = added.value;
  }
}

template <class Law>
void add_all(const Law& law, const PlanningState& now, ExitPlan& plan) {
  double best_value = value_of(law, now, plan);
  ExitPlan grown = plan;
  while (true) {
    const Addition added = best_addition(law, now, grown, -std::numeric_limits<double>::infinity());
    if (added.exit < 0) return;
    grown.insert(added.exit);
    if (added.value > best_value) {
      best_value = added.value;
      plan = grown;
    }
  }
}

}  // namespace

void add_greedily(const Schedule& schedule, const PlanningState& now, ExitPlan& plan) noexcept {
  with_law(schedule, [&](const auto& law) { add_while_better(law, now, plan); });
}

void add_until_all(const Schedule& schedule, const PlanningState& now, ExitPlan& plan) noexcept {
  with_law(schedule, [&](const auto& law) { add_all(law, now, plan); });
}

}  // namespace einet::plan
