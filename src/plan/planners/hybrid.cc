// The paper's Algorithm 2: the best of all plans with at most m outputs, then greedy additions to it.
//
// Enumeration finds good pairs and triples that greedy steps miss; greedy steps reach larger plans. m trades time for
// quality: sum_{k <= m} (n choose k) plans are evaluated, 10,700 for n = 40 and m = 3.
//
// Counter-example: exits are never removed, so an optimum that does not contain the best plan of m outputs is not
// found. For m = 1 the counter-example is that of greedy (planners/greedy.cc).
//
// As in the paper, each plan is evaluated from its beginning (Algorithm 1), but as fast as possible: in time
// proportional to the outputs of a plan, not to its blocks (Schedule::value). Visiting the plans as a tree, each as one
// term more than its prefix, would be several times faster (`enumerate` does that), and exact is faster than
// both.

#include "plan/registry.h"
#include "plan/schedule.h"
#include "plan/search/greedy_additions.h"

namespace einet::plan {
namespace {

class Hybrid final : public Planner {
 public:
  explicit Hybrid(const PlannerRequest& request)
      : schedule_(request.times, request.distribution),
        outputs_(count_within(request, "hybrid", request.options.hybrid_outputs, 1, kMaxExits)) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const PlanningState now = schedule_.read(scores, start);
    ExitPlan plan(schedule_.exits());
    Best best{plan, schedule_.value(plan, now)};
    evaluate_all(now, now.exit + 1, outputs_, plan, best);
    add_greedily(schedule_, now, best.plan);
    return schedule_.unproven(best.plan, now);
  }

 private:
  struct Best {
    ExitPlan plan;
    double value;
  };

  /// Evaluates `plan` with each choice of 1..outputs additional exits, `first` or later.
  void evaluate_all(const PlanningState& now, int first, int outputs, ExitPlan& plan, Best& best) const noexcept {
    for (int exit = first; exit < schedule_.exits(); ++exit) {
      plan.insert(exit);
      const double value = schedule_.value(plan, now);
      if (value > best.value) best = {plan, value};
      if (outputs > 1) evaluate_all(now, exit + 1, outputs - 1, plan, best);
      plan.erase(exit);
    }
  }

  Schedule schedule_;
  int outputs_;
};

}  // namespace

PlannerKind hybrid_planner() {
  return {"hybrid",
          "the paper's Algorithm 2: all plans of up to N outputs, then greedy",
          "outputs",
          {},
          [](const PlannerRequest& request) { return std::make_unique<Hybrid>(request); }};
}

}  // namespace einet::plan
