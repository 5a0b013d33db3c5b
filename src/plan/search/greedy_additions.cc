#include "plan/search/greedy_additions.h"

namespace einet::plan {
namespace {

/// What the outputs of `plan` after `done` add, if output `done` comes at `time`.
double tail_value(const Schedule& schedule, const Situation& now, const ExitPlan& plan, int done, double time,
                  double score) {
  double value = 0.0;
  for (int exit = plan.next(done); exit < schedule.exits(); exit = plan.next(exit)) {
    time += schedule.lag(done, exit);
    value += (now.scores[exit] - score) * schedule.survival(time);
    score = now.scores[exit];
    done = exit;
  }
  return value;
}

}  // namespace

void add_greedily(const Schedule& schedule, const Situation& now, ExitPlan& plan) noexcept {
  double best_value = tail_value(schedule, now, plan, now.exit, now.elapsed, now.score);
  while (true) {
    int best_exit = -1;
    // A candidate leaves all outputs before it as they are: their time and value are carried along.
    int done = now.exit;
    double time = now.elapsed;
    double score = now.score;
    double value = 0.0;
    for (int exit = now.exit + 1; exit < schedule.exits(); ++exit) {
      const double exit_time = time + schedule.lag(done, exit);
      const double exit_score = now.scores[exit];
      const double exit_value = value + (exit_score - score) * schedule.survival(exit_time);
      if (plan.contains(exit)) {
        done = exit;
        time = exit_time;
        score = exit_score;
        value = exit_value;
        continue;
      }
      const double candidate = exit_value + tail_value(schedule, now, plan, exit, exit_time, exit_score);
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
