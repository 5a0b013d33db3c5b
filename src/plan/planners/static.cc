// The same evenly spaced exits for every input: a share of all exits, always including the last one.

#include <algorithm>
#include <cmath>

#include "plan/registry.h"
#include "plan/schedule.h"

namespace einet::plan {
namespace {

class Static final : public Planner {
 public:
  explicit Static(const PlannerRequest& request)
      : schedule_(request.times, request.distribution),
        plan_(static_plan(schedule_.exits(), number_within(request, "static", 100.0, 1e-9, 100.0) / 100.0)) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    return schedule_.rest_of(plan_, schedule_.read(scores, start));
  }

 private:
  Schedule schedule_;
  ExitPlan plan_;
};

}  // namespace

ExitPlan static_plan(int exits, double fraction) {
  ExitPlan plan(exits);
  const int planned = std::clamp(static_cast<int>(std::lround(fraction * exits)), 1, std::max(1, exits));
  // The k-th of m planned exits ends the k-th of m equal parts of the network; the m-th is the last exit.
  for (int k = 1; k <= planned && exits > 0; ++k) plan.insert(k * exits / planned - 1);
  return plan;
}

PlannerKind static_planner() {
  return {"static",
          "evenly spaced exits, N percent of them",
          "percent",
          {"static-25", "static-50", "static-100"},
          [](const PlannerRequest& request) { return std::make_unique<Static>(request); }};
}

}  // namespace einet::plan
