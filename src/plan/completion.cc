#include "plan/completion.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "plan/schedule.h"
#include "plan/search/delay_lines.h"

namespace einet::plan {
namespace {

/// An output that adds no more than this to the expectation is too late: smaller gains are rounding errors.
constexpr double kNoGain = 1e-15;

/// Time of output `exit` if everything is executed, planning included.
double on_time(const Schedule& schedule, int exit) {
  return exit < 0 ? 0.0 : schedule.ready(exit) + schedule.full_delay(exit);
}

/// Uniform over slightly more than a whole run, so that the last output of a run that executes everything counts too;
/// valid also for a network that takes no time.
std::shared_ptr<const ExitTimeDistribution> uniform_over(const Schedule& schedule) {
  const double whole = on_time(schedule, schedule.exits() - 1);
  return uniform_distribution(std::max(whole * (1.0 + 1.0 / 64.0), std::numeric_limits<double>::min()));
}

class Completed final : public Planner {
 public:
  Completed(std::unique_ptr<Planner> planner, const PlannerRequest& request)
      : planner_(std::move(planner)),
        schedule_(request.times, request.distribution),
        afterwards_(request.times, uniform_over(schedule_)),
        lines_(afterwards_),
        late_(schedule_.exits()) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    Planned planned = planner_->plan(scores, start);
    if (planned.plan.exits() == schedule_.exits()) complete(schedule_.read(scores, start), planned.plan);
    return planned;
  }

 private:
  void complete(const PlanningState& now, ExitPlan& plan) noexcept {
    const int exits = schedule_.exits();
    int last = now.exit;
    double delay = now.delay;
    for (int exit = plan.next(now.exit); exit < exits; exit = plan.next(exit)) {
      delay += schedule_.hold(exit);
      last = exit;
    }
    if (last + 1 == exits) return;
    const double score = last == now.exit ? now.score : now.scores[last];

    bool any = false;
    for (int exit = last + 1; exit < exits; ++exit) {
      const double rise = now.scores[exit] - score;
      const bool late = rise > 0.0 && rise * schedule_.survival(schedule_.ready(exit) + delay) <= kNoGain;
      late_[exit] = late ? now.scores[exit] : 0.0;
      any = any || late;
    }
    if (any) add_late(last, score, plan);
    if (last < 0 && score == 0.0 && plan.empty()) plan.insert(soonest());
  }

  /// Adds the best of late_ after exit `last`, as if everything up to it had been executed on time, so that the rest of
  /// the uniform distribution is the time of all remaining blocks.
  void add_late(int last, double score, ExitPlan& plan) noexcept {
    const ExitPlan late =
        lines_.best(afterwards_.read(late_, {.exit = last, .elapsed = on_time(afterwards_, last), .score = score}));
    for (int exit = late.next(last); exit < late.exits(); exit = late.next(exit)) plan.insert(exit);
  }

  int soonest() const noexcept {
    int soonest = 0;
    for (int exit = 1; exit < schedule_.exits(); ++exit) {
      if (schedule_.ready(exit) < schedule_.ready(soonest)) soonest = exit;
    }
    return soonest;
  }

  std::unique_ptr<Planner> planner_;
  Schedule schedule_;
  Schedule afterwards_;  ///< The same times under the uniform distribution over a whole run.
  DelayLines lines_;
  std::vector<double> late_;  ///< [exit]: the score of an exit that may be added, else 0.
};

}  // namespace

std::unique_ptr<Planner> complete(std::unique_ptr<Planner> planner, const PlannerRequest& request) {
  return std::make_unique<Completed>(std::move(planner), request);
}

}  // namespace einet::plan
