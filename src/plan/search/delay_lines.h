#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plan/schedule.h"
#include "plan/search/suffix_memory.h"

namespace einet::plan {

/// The best plan under the uniform distribution, from every exit and for every delay at once.
///
/// *Idea.* Let Z_i(D) be the best expectation, times T, from output i on if it comes with delay D (see Schedule). Time
/// enters linearly, so the value of a plan i, j, …, L is a straight line in D with a known slope: exit L has all the
/// time up to T at the end, so a second of delay costs C_L. Of all plans with the same last exit L only the highest
/// line counts; so Z_i is the upper envelope of at most n - i lines Y_iL - C_L D, and
///
///     Y_ii = C_i (T - ready_i)
///     Y_iL = C_i (hold_i - ready_i) - C_L hold_i + max over j of (C_i ready_j + Y_jL),     i < j <= L, C_i < C_L:
///
/// either nothing follows and answer i stays in force to the end, or it stays until output j.
///
/// *Example.* T = 10, ready = 2, 6, hold = 1, 1, C = 0.5, 0.9. Y_11 = 0.9 * 4 = 3.6; Y_00 = 0.5 * 8 = 4;
/// Y_01 = 0.5 * (1 - 2) - 0.9 + (0.5 * 6 + 3.6) = 5.2: after output 0 it is best to continue with exit 1 (5.2 - 0.9 D
/// against 4 - 0.5 D) unless D > 3, when exit 1 would come too late.
///
/// *Few lines.* The delay of a run at exit i is at most the sum of hold over all exits before i, so only the part of
/// the envelope over such delays matters. The slope is a score, nearly always that of the best later exit, so few lines
/// remain per exit (1.0 to 1.5 on average were measured, n from 3 to 1,024).
///
/// *Few next exits.* If the next output comes at `ready` or later, the best that can follow is the best later answer
/// C_M from then on: C_i ready + C_M (T - ready) - C_M D. Exits are tried in order; once the line found for M is as
/// high as the one for the least `ready` of the remaining exits, none of these can improve on it at any delay, because
/// M has the steepest line. About 5 of 40 exits are examined.
///
/// *The horizon.* G(t) = 1 - t/T is negative beyond T, where it should be 0. This is harmless:
///   1. From any plan keep only the outputs that are better than all before them. They come no later than before, so at
///      every moment the answer in force is at least as good: some best plan has rising scores. (This holds
///      for every distribution.)
///   2. A line belongs to a plan that ends with its best exit, L. The rising plan within ends with L too, so by 1, up
///      to any moment after the last output, it has gathered at least as much, and its line is worth at least as much.
///   3. The value of a rising plan's line is at most the plan's: its gains C_j - C_i > 0 count with 1 - t/T <= G(t).
///   4. The best plan, cut down to the outputs before T (those after it gain nothing) and then to rising ones, has a
///      line, whose value is exactly that of the plan.
///   So no line is worth more than the best plan, and one is worth exactly as much.
///
/// *Cost.* O(n^3) if all lines survived; in practice a few lines of a few exits per row, O(n) to O(n^2) in all. Rows
/// are kept between questions (SuffixMemory): with unchanged beliefs a new plan only looks up the next exit.
/// docs/definitions.md states the problem as one longest path for each last exit; the lines are all of those paths.
class DelayLines {
 public:
  /// `schedule` must outlive it and be uniform.
  explicit DelayLines(const Schedule& schedule);

  /// An optimal plan from `now` on. No allocation.
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
  std::unique_ptr<Line[]> lines_;  ///< Rows one after another, the last exit's first.
  std::vector<int> row_end_;       ///< [exits + 1]: row i lies from row_end_[i + 1] to row_end_[i].
  std::vector<int> steepest_;      ///< [exit]: the best exit from `exit` on.
  std::vector<Line> found_;        ///< [last]: the highest line that collect() found; next < 0 = none.
  std::vector<int> lasts_;         ///< For which last exits it found one.
};

}  // namespace einet::plan
