#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plan/schedule.h"
#include "plan/search/suffix_memory.h"

namespace einet::plan {

/// The best plan under the uniform distribution, from every exit and for every delay at once.
///
/// *Idea.* Let Z_i(D) be the best expectation, times T, from output i onwards if it comes with delay D (see Schedule).
/// Time enters linearly, so the value of a plan i, j, …, L is a straight line in D with a known slope: answer L is in
/// force until T, so a second of delay costs C_L. Of all plans with the same last exit L only the highest line matters;
/// so Z_i is the upper envelope of at most n - i lines Y_iL - C_L D, and
///
///     Y_ii = C_i (T - ready_i)
///     Y_iL = C_i (hold_i - ready_i) - C_L hold_i + max over j of (C_i ready_j + Y_jL),     i < j <= L, C_i < C_L:
///
/// either nothing follows and answer i stays in force until the end, or it stays until output j.
///
/// *Example.* T = 10, ready = 2, 6, hold = 1, 1, C = 0.5, 0.9. Y_11 = 0.9 * 4 = 3.6; Y_00 = 0.5 * 8 = 4;
/// Y_01 = 0.5 * (1 - 2) - 0.9 + (0.5 * 6 + 3.6) = 5.2: after output 0 it is best to continue with exit 1 (5.2 - 0.9 D
/// against 4 - 0.5 D) unless D > 3, when exit 1 would come too late.
///
/// *Few lines.* The delay of a run at exit i is at most the sum of hold over all exits before i, so only the part of
/// the envelope over such delays matters. The slope is a score, almost always that of the best later exit, so few lines
/// remain per exit (1.0 to 1.5 on average, measured for n from 3 to 1,024).
///
/// *Few next exits.* If the next output comes at `ready` or later, an upper bound is the best later answer C_M from
/// that time: C_i ready + C_M (T - ready) - C_M D. Exits are tried in order; once the line found for M is as
/// high as the bound for the least `ready` of the remaining exits, none of these can improve on it at any delay,
/// because M has the steepest line. About 5 of 40 exits are examined.
///
/// *The horizon.* G(t) = 1 - t/T is negative beyond T, where it should be 0. This is harmless:
///   1. From any plan keep only the outputs that are better than all before them. They come no later than in the plan,
///      so the answer in force is at least as good at all times: some best plan has rising scores. (This holds
///      for every distribution.)
///   2. A line belongs to a plan that ends with its best exit, L. Its rising subplan also ends with L, so by 1, at any
///      time after the last output, it has accumulated at least as much, and the value of its line is at least as high.
///   3. The value of the line of a rising plan is at most that of the plan: its gains C_j - C_i > 0 are weighted with
///      1 - t/T <= G(t).
///   4. The best plan, reduced to the outputs before T (later ones gain nothing) and then to rising ones, has a line,
///      whose value is exactly that of the plan.
///   So no line has a higher value than the best plan, and one has exactly its value.
///
/// *Cost.* O(n^3) if no line could be dropped; in practice a few lines of a few exits per row, O(n) to O(n^2) in total.
/// Rows are kept between requests (SuffixMemory): with unchanged scores a new plan only looks up the next exit.
/// docs/definitions.md states the problem as one longest path for each last exit; the lines are all of those paths.
class DelayLines {
 public:
  /// `schedule` must outlive it and be uniform.
  explicit DelayLines(const Schedule& schedule);

  /// An optimal plan continued from `now`. No allocation.
  ExitPlan best(const PlanningState& now) noexcept;

 private:
  /// The best continuation from an exit for one last exit: height at delay 0, and the next exit (-1: this is the last).
  struct Line {
    double height;
    std::int16_t last;
    std::int16_t next;
  };

  int collect(double score, int first, std::span<const double> scores) noexcept;
  void compute_row(int exit, std::span<const double> scores) noexcept;
  std::span<const Line> row(int exit) const noexcept {
    return {lines_.get() + row_end_[exit + 1], static_cast<std::size_t>(row_end_[exit] - row_end_[exit + 1])};
  }

  const Schedule& schedule_;
  SuffixMemory memory_;
  double horizon_;
  std::unique_ptr<Line[]> lines_;  ///< Rows one after another, that of the last exit first.
  std::vector<int> row_end_;       ///< [exits + 1]: row i lies from row_end_[i + 1] to row_end_[i].
  std::vector<int> steepest_;      ///< [exit]: the best of `exit` and all later exits.
  std::vector<Line> found_;        ///< [last]: the highest line that collect() found; next < 0 = none.
  std::vector<int> lasts_;         ///< The last exits for which it found one.
};

}  // namespace einet::plan
