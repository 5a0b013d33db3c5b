#pragma once

#include <vector>

#include "plan/schedule.h"

namespace einet::plan {

/// Lets a planner reuse its results from one request to the next.
///
/// The exact planners work from the last exit to the first: the row of exit i holds the best continuations after output
/// i, for a range of delays, and depends only on the scores of i and later exits. So a row stays valid as long as those
/// scores do not change and the requested delays lie in its range. This class tracks which rows are valid.
///
/// A run has the greatest delay at every exit if it executes all exits after its start. Its delay is then full_delay(i)
/// plus a constant, its lateness, so one number determines the greatest delay that every row must cover.
class SuffixMemory {
 public:
  /// `schedule` must outlive it.
  explicit SuffixMemory(const Schedule& schedule);

  /// Rows of the returned exit and later ones are valid for `now`; those before it, down to now.exit + 1, must be
  /// computed now, the last first, for delays from least_delay() to most_delay().
  int first_kept(const PlanningState& now) noexcept;

  /// The least delay of any output.
  double least_delay() const noexcept { return least_delay_; }
  /// The greatest delay of output `exit`.
  double most_delay(int exit) const noexcept { return schedule_.full_delay(exit) + lateness_; }

  /// Invalidates all rows.
  void forget() noexcept { first_row_ = schedule_.exits(); }

 private:
  const Schedule& schedule_;
  std::vector<double> scores_;  ///< With which the rows were computed.
  int first_row_;               ///< This row and later ones are computed.
  double least_delay_ = 0.0;
  double lateness_ = 0.0;
};

}  // namespace einet::plan
