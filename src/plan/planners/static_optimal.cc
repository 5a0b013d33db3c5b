// One plan for every input: the best one for the population's mean confidences.
//
// Plans once, at the first request, and keeps that plan regardless of later observations: the best plan that does not
// depend on the input, and the baseline for adaptive planners. The first request must be for the means, from
// the beginning of a run; in the evaluation every run starts with them.

#include "plan/registry.h"
#include "plan/schedule.h"

namespace einet::plan {
namespace {

class StaticOptimal final : public Planner {
 public:
  explicit StaticOptimal(const PlannerRequest& request)
      : schedule_(request.times, request.distribution),
        exact_(make_planner("exact", request.times, request.distribution, request.options)) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    if (!planned_) {
      plan_ = exact_->plan(scores, start).plan;
      planned_ = true;
    }
    return schedule_.rest_of(plan_, schedule_.read(scores, start));
  }

 private:
  Schedule schedule_;
  std::unique_ptr<Planner> exact_;
  bool planned_ = false;
  ExitPlan plan_;
};

}  // namespace

PlannerKind static_optimal_planner() {
  return {"static-optimal",
          "the best single plan, for the scores of the first request",
          "",
          {},
          [](const PlannerRequest& request) { return std::make_unique<StaticOptimal>(request); }};
}

}  // namespace einet::plan
