// Starts with an empty plan and adds the exit that helps most, until none helps.
//
// Example: of exits whose scores rise from one to the next and whose branches cost little, each step takes the one in
// the middle of the widest gap, and the result is within a tenth of a point of the optimum.
//
// Counter-example: conv parts of 1 s, branches of 1, 2 and 3 s, T = 9 s, scores 0.4, 0.6 and 0.9. Alone, exit 2 is
// worth most (0.6 * 5/9 = 0.333 against 0.311 and 0.3), and with exit 1 added 0.4. But the best plan is 1 and 3, worth
// 0.422: exit 2 was the best first choice and is not part of it, and greedy never takes an exit back.
//
// O(n^3): up to n additions, each chosen among n exits by walking the outputs after it.

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
  return {"greedy", "adds the exit that helps most, until none helps", "", {}, [](const PlannerRequest& request) {
            return std::make_unique<Greedy>(request);
          }};
}

}  // namespace einet::plan
