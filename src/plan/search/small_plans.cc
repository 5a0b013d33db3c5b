#include "plan/search/small_plans.h"

namespace einet::plan {
namespace {

struct Best {
  ExitPlan plan;
  double value;
};

/// Evaluates `plan` with each choice of 1..outputs more exits from `first` on.
void evaluate_all(const Schedule& schedule, const PlanningState& now, int first, int outputs, ExitPlan& plan,
                  Best& best) noexcept {
  for (int exit = first; exit < schedule.exits(); ++exit) {
    plan.insert(exit);
    const double value = schedule.value(plan, now);
    if (value > best.value) best = {plan, value};
    if (outputs > 1) evaluate_all(schedule, now, exit + 1, outputs - 1, plan, best);
    plan.erase(exit);
  }
}

}  // namespace

ExitPlan best_small_plan(const Schedule& schedule, const PlanningState& now, int outputs) noexcept {
  ExitPlan plan(schedule.exits());
  Best best{plan, schedule.value(plan, now)};
  evaluate_all(schedule, now, now.exit + 1, outputs, plan, best);
  return best.plan;
}

}  // namespace einet::plan
