#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plan/schedule.h"
#include "plan/search/suffix_memory.h"

namespace einet::plan {

/// Upper bounds, for any distribution, on the possible gain after each output.
///
/// Let W_i(D) be the most that exits after i can add to the expectation if output i comes with delay D (see Schedule),
/// and U_i(D) the same if D is the delay of the next output:
///
///     U_i(D) = max over j > i of  (C_j - C_i) G(ready_j + D) + W_j(D),  at least 0
///     W_i(D) = U_i(D + hold_i).
///
/// Delays are continuous, so both are tabulated on a grid of delays. U on the grid is a maximum over
/// table rows, entry by entry; only the step from U to W needs values between grid points, in one of two ways:
///   - *Rounding down.* G is non-increasing, and so are U and W: the value at the grid point below is a bound. This
///     holds for every distribution, and costs at most one grid step of delay per output.
///   - *Interpolation*, if the distribution bounds how far G rises above its chords (concavity()). U is a maximum of
///     sums of gains times G, and a maximum exceeds its chord by no more than the sum that attains it there: by at most
///     (best later score - C_i) times as much. For smooth distributions this error is about a hundred times smaller.
/// The better one for the distribution is chosen when its table of G is filled.
///
/// *Cost.* O(n^2 K), K about 8 points per exit; the grid points are vectorised, and exits are skipped as soon as the
/// greatest possible gain of the best later exit is reached (most_gain(), and as in DelayLines). Rows are kept
/// between requests.
class DelayTable {
 public:
  /// `schedule` must outlive it. Takes about 200 n^2 bytes, for n > 128 about 26,000 n.
  explicit DelayTable(const Schedule& schedule);

  /// Computes the bounds for all continuations of `now`. No allocation.
  void prepare(const PlanningState& now) noexcept;

  /// W: the most that exits after `exit` > now.exit can gain if its output comes with `delay`.
  double bound(int exit, double delay) const noexcept;
  /// At least survival(ready(exit) + delay), and cheaper.
  double survival_bound(int exit, double delay) const noexcept;

 private:
  void fill_survival() noexcept;
  void compute_row(int exit, std::span<const double> scores) noexcept;

  /// The grid point at or below `delay`; -1 below the grid, the last point above it.
  int point_below(double delay) const noexcept;
  double* survival_row(int exit) const noexcept { return survival_.get() + std::size_t(exit) * stride_; }
  double* bound_row(int exit) const noexcept { return bound_.get() + std::size_t(exit) * stride_; }

  const Schedule& schedule_;
  SuffixMemory memory_;
  std::uint64_t version_ = 0;  ///< Of the distribution, when survival_ was filled.
  double deadline_;            ///< Of the request that survival_ was filled for; NaN = not filled yet.
  double step_;
  int zero_;  ///< Grid point of delay 0; those before it are for devices faster than their profile.
  int points_;
  std::size_t stride_;                  ///< Of a table row: points_ plus padding, so that blocks may overrun.
  double slack_ = 0.0;                  ///< Rise of G above a chord one step long.
  bool interpolates_ = false;           ///< Interpolate, do not round down.
  std::unique_ptr<double[]> survival_;  ///< [exit, point]: G when output `exit` comes with that delay.
  std::unique_ptr<double[]> bound_;     ///< [exit, point]: W.
  std::vector<double> leave_;           ///< [point]: U of the current row.
  std::vector<double> rise_;            ///< [exit]: best later score less that of `exit`, at least 0.
  std::vector<int> soonest_;            ///< [exit]: the output with the least ready() of `exit` and all later ones.
};

}  // namespace einet::plan
