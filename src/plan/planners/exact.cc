// The best plan there is, and the proof.
//
// Two ways lead there. Under the uniform distribution, time enters linearly, and the value of going on from an exit is
// a handful of straight lines in the delay so far (search/delay_lines.h): a microsecond or two for 40 exits. Under any
// other, partial plans are extended exit by exit, and dropped as soon as another is at least as good for every future
// or a bound says that they cannot win any more (search/label_search.h): some ten microseconds.
//
// Both plan from any start, with planning costs, up to kMaxExits exits, and both keep their work: what is best from an
// exit on depends on the later scores alone. When scores change only up to exit k, rows after k are reused.
//
// Why not greedy? Branch times 1, 1, 3, confidences 0.5, 0.6, 0.9 … an exit that is the best first choice can be no
// part of the best plan, and greedy never takes one back (planners/greedy.cc has the numbers).

#include <algorithm>

#include "plan/registry.h"
#include "plan/schedule.h"
#include "plan/search/delay_lines.h"
#include "plan/search/label_search.h"

namespace einet::plan {
namespace {

class ExactUniform final : public Planner {
 public:
  explicit ExactUniform(const PlannerRequest& request)
      : schedule_(request.times, request.distribution), lines_(schedule_) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const Situation now = schedule_.read(scores, start);
    const ExitPlan best = lines_.best(now);
    const double value = schedule_.value(best, now);
    return {best, value, value};
  }

 private:
  Schedule schedule_;
  DelayLines lines_;
};

class ExactAny final : public Planner {
 public:
  ExactAny(const PlannerRequest& request, int max_labels)
      : schedule_(request.times, request.distribution), search_(schedule_, max_labels) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    return search_.best(schedule_.read(scores, start));
  }

 private:
  Schedule schedule_;
  LabelSearch search_;
};

}  // namespace

PlannerKind exact_planner() {
  return {"exact",
          "the best plan, proven; under other than uniform cut-offs with up to N labels",
          "labels",
          {},
          [](const PlannerRequest& request) -> std::unique_ptr<Planner> {
            const int labels =
                static_cast<int>(number_within(request, "exact", request.options.exact_labels, 1, 1 << 24));
            if (request.distribution && request.distribution->is_uniform()) {
              return std::make_unique<ExactUniform>(request);
            }
            return std::make_unique<ExactAny>(request, labels);
          }};
}

}  // namespace einet::plan
