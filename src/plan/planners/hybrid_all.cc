// The paper's Algorithm 2 to the letter: the best of all plans with at most m outputs, then greedy additions until
// every exit is selected; the best plan seen on the way is the result.
//
// It differs from `hybrid` only where an addition that lowers the expectation is followed by one that more than makes
// up for it. Example (tests/plan/planner_test.cc): an addition pushes the last output past the horizon; from then on
// further additions cost that output nothing. A cut-off that is uniform over the time of everything, with free
// planning, has no such place: 200,000 random networks gave no difference, nor did the shipped profiles.

#include "plan/registry.h"
#include "plan/schedule.h"
#include "plan/search/greedy_additions.h"
#include "plan/search/small_plans.h"

namespace einet::plan {
namespace {

class HybridAll final : public Planner {
 public:
  explicit HybridAll(const PlannerRequest& request)
      : schedule_(request.times, request.distribution),
        outputs_(count_within(request, "hybrid-all", request.options.hybrid_outputs, 1, kMaxExits)) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const PlanningState now = schedule_.read(scores, start);
    ExitPlan plan = best_small_plan(schedule_, now, outputs_);
    add_until_all(schedule_, now, plan);
    return schedule_.unproven(plan, now);
  }

 private:
  Schedule schedule_;
  int outputs_;
};

}  // namespace

PlannerKind hybrid_all_planner() {
  return {"hybrid-all",
          "the paper's Algorithm 2: all plans of up to N outputs, then greedy until all exits are selected",
          "outputs",
          {},
          [](const PlannerRequest& request) { return std::make_unique<HybridAll>(request); }};
}

}  // namespace einet::plan
