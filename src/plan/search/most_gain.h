#pragma once

#include <cstddef>

namespace einet::plan {

/// The arguments of most_gain() for one exit: tables of a DelayTable.
struct GainQuery {
  const double* survival;  ///< [exits, stride]: G by output and grid point.
  const double* onward;    ///< [exits, stride]: W by output and grid point.
  std::size_t stride;      ///< At least kGainOverrun more than the last requested point.
  const double* scores;    ///< [exits]
  const int* soonest;      ///< [exits]: of an exit and all later ones, the output with the highest row of `survival`.
  double rise;             ///< Best score after `exit` less that of `exit`, at least 0.
  int exit;
  int exits;
};

/// Number of points beyond the last requested one that are also read and written.
inline constexpr int kGainOverrun = 32;

/// U (see DelayTable): most[k] = max over j > exit with gain_j = scores[j] - scores[exit] > 0 of
/// gain_j * survival[j][k] + onward[j][k], and at least 0, for first <= k <= last.
///
/// The only vectorised inner loop of the planner (Highway; the widest vectors of the machine): n^2 / 2 rows of several
/// hundred points. A block of points stays in registers during the loop over j, which stops when no later output can
/// improve the result: when rise * survival of the soonest is reached at every point of the block.
void most_gain(const GainQuery& query, int first, int last, double* most) noexcept;

}  // namespace einet::plan
