// After the paper's Algorithm 2: the best of all plans with at most m outputs, then greedy additions to it for as long
// as they improve it.
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
// both. `hybrid-all` does not stop where no addition improves the plan.

#include "plan/registry.h"
#include "plan/schedule.h"
#include "plan/search/greedy_additions.h"
#include "plan/search/small_plans.h"

namespace einet::plan {
namespace {

class Hybrid final : public Planner {
 public:
  explicit Hybrid(const PlannerRequest& request)
      : schedule_(request.times, request.distribution),
        outputs_(count_within(request, "hybrid", request.options.hybrid_outputs, 1, kMaxExits)) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const PlanningState now = schedule_.read(scores, start);
    ExitPlan plan = best_small_plan(schedule_, now, outputs_);
    add_greedily(schedule_, now, plan);
    return schedule_.unproven(plan, now);
  }

 private:
  Schedule schedule_;
  int outputs_;
};

}  // namespace

PlannerKind hybrid_planner() {
  return {"hybrid",
          "the paper's Algorithm 2, ended at the first addition that does not improve the plan",
          "outputs",
          {},
          [](const PlannerRequest& request) { return std::make_unique<Hybrid>(request); }};
}

}  // namespace einet::plan
