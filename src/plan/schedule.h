#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "einet/planner.h"
#include "plan/lanes.h"
#include "plan/survival.h"

namespace einet::plan {

/// One request to a planner, with valid values: scores within [0,1], exit within [-1, exits).
struct PlanningState {
  std::span<const double> scores;  ///< One per exit.
  int exit;                        ///< Last executed exit; -1 = none.
  double elapsed;                  ///< >= 0; may be infinite.
  double score;                    ///< Of the answer in force.
  double delay;                    ///< Of the next output, whichever it is (see Schedule).
  int answered = -1;               ///< The last exit that answered; -1 = none.
  // With two lanes, `exit` is the last one that the trunk has passed, and `score` that of the last pending answer.
  Lanes lanes = {};
  double value = 0.0;     ///< Contribution of the answer in force and of the pending ones.
  double in_force = 0.0;  ///< The score of the answer in force.
};

/// The times and values of outputs: the properties of a network that every planner needs, computed once.
///
/// Time is expressed as a delay. If no other exit is executed, output j comes at ready(j) = S_j + b_j, where S_j is the
/// time of the conv parts up to j. Executing an earlier exit i delays it by hold(i) = b_i + r_i, independent of j. So
/// output j comes at
///
///     t_j = ready(j) + delay,        delay = sum of hold(i) over the executed i < j,
///
/// and "exit k answered at time t" is a delay of t - S_k + r_k for all later outputs. With two lanes there is no such
/// number: search through with_law(), which gives the times of outputs under either law.
///
/// Holds the scores of the current request, so each planner owns a schedule.
class Schedule {
 public:
  /// Throws kInvalidData for times that BlockTimes::validate() rejects, kUsage for a null distribution.
  Schedule(const BlockTimes& times, std::shared_ptr<const ExitTimeDistribution> distribution);

  int exits() const noexcept { return static_cast<int>(ready_.size()); }
  const ExitTimeDistribution& distribution() const noexcept { return *distribution_; }
  bool two_lanes() const noexcept { return times_.lanes() == 2; }
  const BlockTimes& times() const noexcept { return times_; }  ///< Empty with one lane.

  // With one lane only.
  double ready(int exit) const noexcept { return ready_[exit]; }
  double hold(int exit) const noexcept { return hold_[exit]; }
  /// Sum of hold(i) over all i < exit: the delay of output `exit` if every exit is executed. 0 <= exit <= exits().
  double full_delay(int exit) const noexcept { return full_delay_[exit]; }
  /// The least ready() of outputs `first` and later. first < exits().
  double least_ready(int first) const noexcept { return least_ready_[first]; }
  /// P(the run is still running at `t`), under the deadline of the current request.
  double survival(double t) const noexcept { return survival_(t); }
  /// The deadline of the current request; kNoDeadline if it is not before the horizon of the distribution.
  double deadline() const noexcept { return survival_.deadline(); }

  /// Copies a request, clamping its values to valid ones (see Planner::plan()). The result borrows the schedule's
  /// workspace until the next call.
  PlanningState read(std::span<const double> scores, const Start& start) noexcept;

  /// E of `plan` continued from `now`: equal to expectation(), in time proportional to the number of outputs.
  double value(const ExitPlan& plan, const PlanningState& now) const noexcept;

  /// An upper bound for every plan: the value of the best answer from the first moment.
  double simple_bound(const PlanningState& now) const noexcept;

  /// The result of a planner that follows one plan from any start.
  Planned rest_of(ExitPlan plan, const PlanningState& now) const noexcept {
    for (int exit = plan.next(-1); exit <= now.exit; exit = plan.next(exit)) plan.erase(exit);
    return unproven(plan, now);
  }

  /// The result of a planner that gives no proof.
  Planned unproven(const ExitPlan& plan, const PlanningState& now) const noexcept {
    const double worth = value(plan, now);
    return {plan, worth, std::max(worth, simple_bound(now))};
  }

 private:
  PlanningState read_two_lanes(const Start& start, int exit, double elapsed) const noexcept;

  std::shared_ptr<const ExitTimeDistribution> distribution_;
  Survival survival_;
  BlockTimes times_;  ///< With two lanes.
  std::vector<double> ready_;
  std::vector<double> hold_;
  std::vector<double> full_delay_;  ///< [exits + 1]
  std::vector<double> least_ready_;
  std::vector<double> conv_end_;  ///< S_i.
  std::vector<double> planning_;  ///< r_i.
  std::vector<double> scores_;
};

/// The times of the outputs of a plan, one after the other: a State for each moment, and output(), which returns the
/// time of the next output and advances the state to after it.
struct OneLaneLaw {
  using State = double;  ///< The delay.
  const Schedule& schedule;

  static State start(const PlanningState& now) noexcept { return now.delay; }
  double value(const PlanningState& now) const noexcept { return now.score * schedule.survival(now.elapsed); }
  double output(State& delay, int exit) const noexcept {
    const double time = schedule.ready(exit) + delay;
    delay += schedule.hold(exit);
    return time;
  }
};
struct TwoLaneLaw {
  using State = Lanes;
  const Schedule& schedule;

  static State start(const PlanningState& now) noexcept { return now.lanes; }
  static double value(const PlanningState& now) noexcept { return now.value; }
  double output(State& lanes, int exit) const noexcept { return next_output(schedule.times(), lanes, exit); }
};

/// search(law) with the law of the schedule.
template <class Search>
auto with_law(const Schedule& schedule, const Search& search) noexcept {
  return schedule.two_lanes() ? search(TwoLaneLaw{schedule}) : search(OneLaneLaw{schedule});
}

}  // namespace einet::plan
