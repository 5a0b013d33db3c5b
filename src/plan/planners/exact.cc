// The best plan, with a proof.
//
// There are two methods. Under the uniform distribution, time enters linearly, and the value of continuing from an exit
// is a few straight lines in the delay so far (search/delay_lines.h): one or two microseconds for 40 exits. Under any
// other distribution, and with a known deadline, partial plans are extended exit by exit, and dropped as soon as
// another is at least as good for every continuation or a bound proves that they cannot be optimal
// (search/label_search.h): about ten microseconds. Two lanes have a search of their own, with the same idea and labels
// that hold the state of both lanes (search/lane_search.h).
//
// All plan from any start, with planning costs, up to kMaxExits exits. The first two reuse earlier results: the best
// continuation from an exit depends only on the later scores. If scores change only up to exit k, rows after k are
// reused.
//
// There is no simple shortcut: the counter-example to greedy (planners/greedy.cc), in which the best single exit is not
// part of the best plan, needs only three exits. Moreover, the best plan depends on the cut-off distribution; it is not
// a property of the network.

#include <optional>

#include "plan/registry.h"
#include "plan/schedule.h"
#include "plan/search/delay_lines.h"
#include "plan/search/label_search.h"
#include "plan/search/lane_search.h"

namespace einet::plan {
namespace {

class Exact final : public Planner {
 public:
  Exact(const PlannerRequest& request, int max_labels) : schedule_(request.times, request.distribution) {
    if (schedule_.two_lanes()) {
      lanes_.emplace(schedule_, max_labels);
      return;
    }
    search_.emplace(schedule_, max_labels);
    if (schedule_.distribution().is_uniform()) lines_.emplace(schedule_);
  }

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const PlanningState now = schedule_.read(scores, start);
    if (lanes_) return lanes_->best(now);
    // With a known deadline, the uniform distribution is not a straight line.
    if (!lines_ || schedule_.deadline() < kNoDeadline) return search_->best(now);
    const ExitPlan best = lines_->best(now);
    const double value = schedule_.value(best, now);
    return {best, value, value};
  }

 private:
  Schedule schedule_;
  std::optional<LabelSearch> search_;  ///< One lane only.
  std::optional<DelayLines> lines_;    ///< One lane and the uniform distribution only.
  std::optional<LaneSearch> lanes_;    ///< Two lanes only.
};

}  // namespace

PlannerKind exact_planner() {
  return {"exact",
          "the best plan, with a proof; N limits the labels used for cut-offs that are not uniform",
          "labels",
          {},
          [](const PlannerRequest& request) {
            const int labels = count_within(request, "exact", request.options.exact_labels, 1, 1 << 24);
            return std::make_unique<Exact>(request, labels);
          }};
}

}  // namespace einet::plan
