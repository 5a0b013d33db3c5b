// Starts with an empty plan and repeatedly adds the exit that improves it most, until none does.
//
// Example: with rising scores and cheap branches, each step takes the exit in the middle of the widest gap, and the
// result is within a tenth of a point of the optimum.
//
// Counter-example: conv parts of 1 s, branches of 1, 2 and 3 s, T = 9 s, scores 0.4, 0.6 and 0.9. Exit 2 is the best
// single exit (0.6 * 5/9 = 0.333 against 0.311 and 0.3), and adding exit 1 gives 0.4. But the best plan is 1 and 3 with
// 0.422: it does not contain exit 2, the best first choice, and greedy never removes an exit.
//
// O(n^3): up to n additions, each chosen among n exits by evaluating the outputs after it.

#include "plan/registry.h"
#include "plan/schedule.h"
#include "plan/search/greedy_additions.h"

namespace einet::plan {
namespace {

class Greedy final : public Planner {
 public:
  explicit Greedy(const PlannerRequest& request) : schedule_(request.times, request.distribution) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const PlanningState now = schedule_.read(scores, start);
    ExitPlan plan(schedule_.exits());
    add_greedily(schedule_, now, plan);
    return schedule_.unproven(plan, now);
  }

 private:
  Schedule schedule_;
};

}  // namespace

PlannerKind greedy_planner() {
  return {"greedy",
          "adds the exit that improves the plan most, until none does",
          "",
          {},
          [](const PlannerRequest& request) { return std::make_unique<Greedy>(request); }};
}

}  // namespace einet::plan
