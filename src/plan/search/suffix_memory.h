#pragma once

#include <vector>

#include "plan/schedule.h"

namespace einet::plan {

/// Lets a planner reuse its results from one request to the next.
///
/// The exact planners work from the last exit to the first: the row of exit i holds the best continuations after output
/// i, for a range of delays, and depends on the scores from i on only. So a row stays valid as long as those scores do
/// not change and the requested delays lie in its range. This class tracks which rows are valid.
///
/// A run has the greatest delay at every exit if it executes all exits from its start on. Its delay there is
/// full_delay(i) plus a constant, its lateness, so one number determines up to what delay every row must reach.
class SuffixMemory {
 public:
  /// `schedule` must outlive it.
  explicit SuffixMemory(const Schedule& schedule);

  /// Rows from the returned exit on are valid for `now`; those before it, down to now.exit + 1, must be computed now,
  /// the last first, for delays from least_delay() to most_delay().
  int first_kept(const PlanningState& now) noexcept;

  /// No output comes with less delay.
  double least_delay() const noexcept { return least_delay_; }
  /// Output `exit` comes with no more delay.
  double most_delay(int exit) const noexcept { return schedule_.full_delay(exit) + lateness_; }

  /// Invalidates all rows.
  void forget() noexcept { first_row_ = schedule_.exits(); }

 private:
  const Schedule& schedule_;
  std::vector<double> scores_;  ///< That the rows were computed with.
  int first_row_;               ///< Rows from here on are computed.
  double least_delay_ = 0.0;
  double lateness_ = 0.0;
};

}  // namespace einet::plan
