// Starts from nothing and adds the exit that helps most, until none helps.
//
// Example: with equal times and confidences 0.5, 0.6, 0.9 it takes the third exit or the first, whichever alone is
// worth more, and then fills up.
// Counter-example: two cheap exits that together beat one dear exit lose to it when the dear one is the best first
// choice: greedy never takes an exit back.
//
// O(n^3) in the worst case, of which n is the number of additions.

#include "plan/registry.h"
#include "plan/schedule.h"
#include "plan/search/greedy_additions.h"

namespace einet::plan {
namespace {

class Greedy final : public Planner {
 public:
  explicit Greedy(const PlannerRequest& request) : schedule_(request.times, request.distribution) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const Situation now = schedule_.read(scores, start);
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
