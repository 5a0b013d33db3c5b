// The classic dynamic network: execute exit after exit and stop at the first that is confident enough.
//
// As a planner: every later exit while the answer in force scores less than the threshold, afterwards none. It uses
// neither times nor the cut-off. This is suitable if a network may stop early to save time, and unsuitable under a
// cut-off, when stopping saves nothing and executing every branch delays the better answers.
//
// O(n).

#include "plan/registry.h"
#include "plan/schedule.h"

namespace einet::plan {
namespace {

class Threshold final : public Planner {
 public:
  explicit Threshold(const PlannerRequest& request)
      : schedule_(request.times, request.distribution),
        threshold_(number_within(request, "threshold", request.options.threshold, 0.0, 1.0)) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const PlanningState now = schedule_.read(scores, start);
    ExitPlan plan(schedule_.exits());
    const bool sure = now.answered >= 0 && clean_score(start.score) >= threshold_;
    for (int exit = now.exit + 1; exit < schedule_.exits() && !sure; ++exit) plan.insert(exit);
    return schedule_.unproven(plan, now);
  }

 private:
  Schedule schedule_;
  double threshold_;
};

}  // namespace

PlannerKind threshold_planner() {
  return {
      "threshold", "all exits until one scores at least N, then none", "score", {}, [](const PlannerRequest& request) {
        return std::make_unique<Threshold>(request);
      }};
}

}  // namespace einet::plan
