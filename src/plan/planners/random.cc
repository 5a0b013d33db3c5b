// The best of N plans, each of which executes every later exit with probability one half.
//
// The baseline for heuristics. New plans are drawn for each request from one seeded generator, so the same sequence of
// requests gives the same plans. Finding the best of 2^n plans needs an N of the order of 2^n; with n = 40, a hundred
// plans are far too few.
//
// O(N n).

#include <random>

#include "plan/registry.h"
#include "plan/schedule.h"

namespace einet::plan {
namespace {

class Random final : public Planner {
 public:
  explicit Random(const PlannerRequest& request)
      : schedule_(request.times, request.distribution),
        plans_(count_within(request, "random", request.options.random_plans, 1, 1000000000)),
        generator_(request.options.seed) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const PlanningState now = schedule_.read(scores, start);
    ExitPlan best(schedule_.exits());
    double most = -1.0;
    for (int k = 0; k < plans_; ++k) {
      const ExitPlan plan = draw(now.exit + 1);
      const double value = schedule_.value(plan, now);
      if (value > most) {
        most = value;
        best = plan;
      }
    }
    return schedule_.unproven(best, now);
  }

 private:
  ExitPlan draw(int first) noexcept {
    ExitPlan plan(schedule_.exits());
    std::uint64_t bits = 0;
    for (int exit = first, left = 0; exit < schedule_.exits(); ++exit, --left, bits >>= 1) {
      if (left == 0) {
        bits = generator_();
        left = 64;
      }
      if (bits & 1) plan.insert(exit);
    }
    return plan;
  }

  Schedule schedule_;
  int plans_;
  std::mt19937_64 generator_;
};

}  // namespace

PlannerKind random_planner() {
  return {"random", "the best of N random plans", "plans", {}, [](const PlannerRequest& request) {
            return std::make_unique<Random>(request);
          }};
}

}  // namespace einet::plan
