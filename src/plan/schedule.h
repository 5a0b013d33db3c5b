#pragma once

#include <memory>
#include <span>
#include <vector>

#include "einet/plan/planner.h"
#include "plan/survival.h"

namespace einet::plan {

/// One question to a planner, made safe: scores within [0,1], start.exit within [-1, exits).
struct Situation {
  std::span<const double> scores;  ///< One per exit.
  int exit;                        ///< Last exit done; -1 = none.
  double elapsed;                  ///< >= 0; may be infinite.
  double score;                    ///< Of the answer in force.
};

/// What every planner wants to know of a network on a machine, prepared once: when outputs come and what they are
/// worth. Keeps the scores of the question at hand; one planner owns one schedule.
class Schedule {
 public:
  /// Throws kInvalidData on times that BlockTimes::validate() refuses, kUsage on a null distribution.
  Schedule(const BlockTimes& times, std::shared_ptr<const ExitTimeDistribution> distribution);

  int exits() const noexcept { return static_cast<int>(ready_.size()); }
  const ExitTimeDistribution& distribution() const noexcept { return *distribution_; }

  /// From output `from` (-1: the beginning of the run) to output `to` > `from`, if no exit between is executed:
  /// planning after `from`, the conv parts between, the branch of `to`.
  double lag(int from, int to) const noexcept { return ready_[to] - left_[from + 1]; }
  /// P(the run is still going at `t`).
  double survival(double t) const noexcept { return survival_(t); }

  /// Copies and cleans a question; see Planner::plan(). The result borrows the schedule's workspace until the next
  /// call. Missing scores count as 0.
  Situation read(std::span<const double> scores, const Start& start) noexcept;

  /// E of `plan` from `now` on: expectation() in time proportional to the number of outputs.
  double value(const ExitPlan& plan, const Situation& now) const noexcept;

  /// No plan is worth more: the best answer from the first moment on.
  double simple_bound(const Situation& now) const noexcept;

  /// The answer of a planner that proves nothing.
  Planned planned(const ExitPlan& plan, const Situation& now) const noexcept {
    return {plan, value(plan, now), simple_bound(now)};
  }

 private:
  std::shared_ptr<const ExitTimeDistribution> distribution_;
  Survival survival_;
  std::vector<double> ready_;  ///< S_j + b_j.
  std::vector<double> left_;   ///< S_i - r_i at [i + 1]; 0 at [0].
  std::vector<double> scores_;
};

}  // namespace einet::plan
