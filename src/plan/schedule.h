#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "einet/planner.h"
#include "plan/survival.h"

namespace einet::plan {

/// One request to a planner, with valid values: scores within [0,1], exit within [-1, exits).
struct PlanningState {
  std::span<const double> scores;  ///< One per exit.
  int exit;                        ///< Last exit done; -1 = none.
  double elapsed;                  ///< >= 0; may be infinite.
  double score;                    ///< Of the answer in force.
  double delay;                    ///< Of whatever output comes next (see Schedule).
};

/// When outputs become available and their value: the properties of a network that every planner needs, prepared once.
///
/// Time is counted as a delay. If no other exit were executed, output j would come at ready(j) = S_j + b_j, S_j being
/// the conv parts up to j. Executing an exit i before it delays it by hold(i) = b_i + r_i, whichever j it is. So output
/// j comes at
///
///     t_j = ready(j) + delay,        delay = sum of hold(i) over the executed i < j,
///
/// and "exit k answered at time t" is just a delay of t - S_k + r_k for all that follow.
///
/// Holds the scores of the current request, so each planner owns a schedule.
class Schedule {
 public:
  /// Throws kInvalidData on times that BlockTimes::validate() refuses, kUsage on a null distribution.
  Schedule(const BlockTimes& times, std::shared_ptr<const ExitTimeDistribution> distribution);

  int exits() const noexcept { return static_cast<int>(ready_.size()); }
  const ExitTimeDistribution& distribution() const noexcept { return *distribution_; }

  double ready(int exit) const noexcept { return ready_[exit]; }
  double hold(int exit) const noexcept { return hold_[exit]; }
  /// Sum of hold(i) over all i < exit: the delay of output `exit` if every exit is executed. 0 <= exit <= exits().
  double full_delay(int exit) const noexcept { return full_delay_[exit]; }
  /// The least ready() of the outputs from `first` on. first < exits().
  double least_ready(int first) const noexcept { return least_ready_[first]; }
  /// P(the run is still going at `t`), under the deadline of the current request.
  double survival(double t) const noexcept { return survival_(t); }
  /// The deadline of the current request; kNoDeadline where it is no earlier than the distribution's horizon.
  double deadline() const noexcept { return survival_.deadline(); }

  /// Copies a request and makes its values valid; see Planner::plan(). The result borrows the schedule's workspace
  /// until the next call.
  PlanningState read(std::span<const double> scores, const Start& start) noexcept;

  /// E of `plan` from `now` on: equal to expectation(), in time proportional to the number of outputs.
  double value(const ExitPlan& plan, const PlanningState& now) const noexcept;

  /// No plan is worth more: the best answer from the first moment on.
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
  std::shared_ptr<const ExitTimeDistribution> distribution_;
  Survival survival_;
  std::vector<double> ready_;
  std::vector<double> hold_;
  std::vector<double> full_delay_;  ///< [exits + 1]
  std::vector<double> least_ready_;
  std::vector<double> conv_end_;  ///< S_i.
  std::vector<double> planning_;  ///< r_i.
  std::vector<double> scores_;
};

}  // namespace einet::plan
