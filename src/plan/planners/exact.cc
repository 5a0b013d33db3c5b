#include "einet/core/error.h"
#include "plan/registry.h"
#include "plan/schedule.h"
#include "plan/search/delay_paths.h"

namespace einet::plan {
namespace {

class ExactUniform final : public Planner {
 public:
  explicit ExactUniform(const PlannerRequest& request)
      : schedule_(request.times, request.distribution), paths_(schedule_) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const Situation now = schedule_.read(scores, start);
    const ExitPlan best = paths_.best(now);
    const double value = schedule_.value(best, now);
    return {best, value, value};
  }

 private:
  Schedule schedule_;
  DelayPaths paths_;
};

}  // namespace

PlannerKind exact_planner() {
  return {"exact", "the best plan, proven", "", {}, [](const PlannerRequest& request) {
            return std::make_unique<ExactUniform>(request);
          }};
}

}  // namespace einet::plan
