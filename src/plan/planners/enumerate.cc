// Tries all 2^n plans, so n is at most 24. The reference for all other planners.
//
// A plan's value is the value of its prefix plus one term (expectation.cc), so the plans are visited as a tree, with
// one evaluation of F each. n = 12 takes about 10 microseconds, n = 24 about 50 milliseconds.

#include <string>

#include "einet/error.h"
#include "plan/registry.h"
#include "plan/schedule.h"
#include "plan/search/enumeration.h"

namespace einet::plan {
namespace {

constexpr int kMaxEnumerated = 24;

class Enumerate final : public Planner {
 public:
  explicit Enumerate(const PlannerRequest& request) : schedule_(request.times, request.distribution) {
    if (schedule_.exits() > kMaxEnumerated) {
      throw Error(ErrorKind::kUsage, "planner 'enumerate'",
                  std::to_string(schedule_.exits()) + " exits are too many to try all plans; the limit is " +
                      std::to_string(kMaxEnumerated));
    }
  }

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const PlanningState now = schedule_.read(scores, start);
    const ExitPlan best = best_of_all(schedule_, now);
    const double value = schedule_.value(best, now);
    return {best, value, value};
  }

 private:
  Schedule schedule_;
};

}  // namespace

PlannerKind enumerate_planner() {
  return {"enumerate", "tries all plans; at most 24 exits", "", {}, [](const PlannerRequest& request) {
            return std::make_unique<Enumerate>(request);
          }};
}

}  // namespace einet::plan
