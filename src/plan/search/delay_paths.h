#pragma once

#include <cstdint>
#include <vector>

#include "plan/schedule.h"

namespace einet::plan {

/// The best plan under the uniform distribution, for every start at once.
///
/// Let x = T - t be the time left when output i appears. A plan that goes on from there to outputs a, b, …, L gains
///
///     (C_a - C_i)(x - lag_a) + (C_b - C_a)(x - lag_b) + … = (C_L - C_i) x - cost,      all divided by T,
///
/// lag = seconds from output i. Once L is fixed the first term is fixed too, and what remains is a shortest path:
/// going from i to its next output j delays all that is still to be gained, C_L - C_i, by lag(i, j):
///
///     cost(i, L) = min over j of  lag(i, j) (C_L - C_i) + cost(j, L),         cost(L, L) = 0.
///
/// So every exit owns one straight line in x per last exit L, and its value is their upper envelope. Lines that
/// are nowhere highest in the times at which a run can be there are dropped at once: one to three of n are left.
///
/// *The horizon.* G(t) = 1 - t/T is wrong beyond T, where it should stay 0. It does no harm:
///   1. Some best plan has rising confidences C_i < C_a < … < C_L. Of any plan keep only the outputs better than all
///      before them: they come no later than they did, so at every moment the kept answer is at least as good as the
///      one that was in force. (This holds for every distribution.)
///   2. For rising plans every term is at most what it is with G cut off at 0, so no line promises too much; and the
///      best plan without its outputs after T (worth 0) is a rising plan whose line promises exactly its value.
/// Only exits with C_L > C_i follow i, which is all the care that is needed; paths that fall in between are never
/// better than the rising ones they contain, by 1 again.
///
/// *Cost.* O(n^2 e), e = lines left per exit: 1 to 3 on networks, n in the worst case. Rows are kept between calls
/// and computed anew only up to the last exit whose confidence changed; with unchanged beliefs a new plan costs one
/// look at each later exit.
class DelayPaths {
 public:
  /// `schedule` must outlive it and be uniform.
  explicit DelayPaths(const Schedule& schedule);

  /// An optimal plan from `now` on. No allocation.
  ExitPlan best(const Situation& now) noexcept;

 private:
  /// A way on from an exit: with last exit `last`, `cost` seconds of delay weighted by gain, next output `next`.
  struct Line {
    double cost;
    std::int32_t last;
    std::int32_t next;
  };

  void compute_row(int exit, std::span<const double> scores, double least_left) noexcept;

  const Schedule& schedule_;
  double horizon_;
  std::vector<double> all_lag_;  ///< Lag of output i if every exit is executed, from the run's beginning.
  std::vector<Line> lines_;      ///< Rows of the exits, the last exit's first.
  std::vector<int> row_end_;     ///< Row i is lines_[row_end_[i + 1] .. row_end_[i]).
  std::vector<Line> found_;      ///< [last]: cheapest line found for the row at hand.
  std::vector<int> lasts_;       ///< The last exits found.
  std::vector<double> scores_;   ///< Scores that rows were computed with.
  int computed_from_;            ///< Rows >= this are valid for scores_ …
  double lateness_ = 0.0;        ///< … and for runs at most this much behind the plan of all exits.
};

}  // namespace einet::plan
