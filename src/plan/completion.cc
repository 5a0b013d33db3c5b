#include "plan/completion.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "plan/schedule.h"
#include "plan/search/delay_lines.h"
#include "plan/search/lane_search.h"

namespace einet::plan {
namespace {

/// An output that adds no more than this to the expectation is too late: smaller gains are rounding errors.
constexpr double kNoGain = 1e-15;
/// Far more than late exits need. Without a proof, the best plan found is as good an answer to a tie.
constexpr int kLateLabels = 1 << 12;

/// A run up to output `exit` that executes everything, planning included.
struct Everything {
  double time = 0.0;   ///< Of the output; 0 for exit -1.
  double trunk = 0.0;  ///< With two lanes: when the trunk passed the exit.
};
Everything everything_up_to(const Schedule& schedule, int exit) {
  if (exit < 0) return {};
  if (!schedule.two_lanes()) return {schedule.ready(exit) + schedule.full_delay(exit), 0.0};
  Lanes lanes;
  double time = 0.0;
  for (int i = 0; i <= exit; ++i) time = next_output(schedule.times(), lanes, i);
  return {time, lanes.trunk};
}

/// Uniform over slightly more than a whole run, so that the last output of a run that executes everything counts too;
/// valid also for a network that takes no time.
std::shared_ptr<const ExitTimeDistribution> uniform_over(const Schedule& schedule) {
  const double whole = everything_up_to(schedule, schedule.exits() - 1).time;
  return uniform_distribution(std::max(whole * (1.0 + 1.0 / 64.0), std::numeric_limits<double>::min()));
}

class Completed final : public Planner {
 public:
  Completed(std::unique_ptr<Planner> planner, const PlannerRequest& request)
      : planner_(std::move(planner)),
        schedule_(request.times, request.distribution),
        afterwards_(request.times, uniform_over(schedule_)),
        late_(schedule_.exits()) {
    if (schedule_.two_lanes()) {
      lanes_.emplace(afterwards_, kLateLabels);
    } else {
      lines_.emplace(afterwards_);
    }
  }

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    Planned planned = planner_->plan(scores, start);
    if (planned.plan.exits() == schedule_.exits()) complete(schedule_.read(scores, start), planned.plan);
    return planned;
  }

 private:
  void complete(const PlanningState& now, ExitPlan& plan) noexcept {
    const int exits = schedule_.exits();
    int last = now.exit;
    for (int exit = plan.next(now.exit); exit < exits; exit = plan.next(exit)) last = exit;
    if (last + 1 == exits) return;
    const double score = last == now.exit ? now.score : now.scores[last];
    if (find_late(now, plan, last, score)) add_late(last, score, plan);
    if (last < 0 && score == 0.0 && plan.empty()) plan.insert(soonest());
  }

  /// Fills late_ with the exits after `last`, the last of `plan`, that are better than `score` and too late to count.
  bool find_late(const PlanningState& now, const ExitPlan& plan, int last, double score) noexcept {
    return with_law(schedule_, [&](const auto& law) {
      auto state = law.start(now);
      for (int exit = plan.next(now.exit); exit <= last; exit = plan.next(exit)) law.output(state, exit);
      bool any = false;
      for (int exit = last + 1; exit < schedule_.exits(); ++exit) {
        const double rise = now.scores[exit] - score;
        auto next = state;
        const bool late = rise > 0.0 && rise * schedule_.survival(law.output(next, exit)) <= kNoGain;
        late_[exit] = late ? now.scores[exit] : 0.0;
        any = any || late;
      }
      return any;
    });
  }

  /// Adds the best of late_ after exit `last`, as if everything up to it had been executed on time, so that the rest of
  /// the uniform distribution is the time of all remaining blocks.
  void add_late(int last, double score, ExitPlan& plan) noexcept {
    const Everything before = everything_up_to(afterwards_, last);
    const Start start{.exit = last,
                      .elapsed = before.time,
                      .score = score,
                      .ahead = {.exit = last, .elapsed = before.trunk, .pending = {}}};
    const PlanningState now = afterwards_.read(late_, start);
    const ExitPlan late = lanes_ ? lanes_->best(now).plan : lines_->best(now);
    for (int exit = late.next(last); exit < late.exits(); exit = late.next(exit)) plan.insert(exit);
  }

  /// The exit with the earliest answer if it is the only one.
  int soonest() const noexcept {
    return with_law(schedule_, [&](const auto& law) {
      int soonest = 0;
      double earliest = std::numeric_limits<double>::infinity();
      for (int exit = 0; exit < schedule_.exits(); ++exit) {
        typename std::decay_t<decltype(law)>::State state{};
        const double time = law.output(state, exit);
        if (time < earliest) {
          soonest = exit;
          earliest = time;
        }
      }
      return soonest;
    });
  }

  std::unique_ptr<Planner> planner_;
  Schedule schedule_;
  Schedule afterwards_;              ///< The same times under the uniform distribution over a whole run.
  std::optional<DelayLines> lines_;  ///< One lane.
  std::optional<LaneSearch> lanes_;  ///< Two lanes.
  std::vector<double> late_;         ///< [exit]: the score of an exit that may be added, else 0.
};

}  // namespace

std::unique_ptr<Planner> complete(std::unique_ptr<Planner> planner, const PlannerRequest& request) {
  return std::make_unique<Completed>(std::move(planner), request);
}

}  // namespace einet::plan
