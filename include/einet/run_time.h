#pragma once

#include "einet/plan.h"

namespace einet::plan {

/// What a run spends its time on.
enum class BlockKind : unsigned char { kConvPart, kBranch, kPlanning };

/// The time of the next output (docs/definitions.md, t_i(P)), on which expectation, simulation and pictures agree:
///
///     t_exit = elapsed + r_last + c_{last+1} + … + c_exit + b_exit
///
/// where exit `last` (-1 = none) answered at `elapsed` and no branch in between is executed. `visit` is called with
/// BlockKind, exit, begin and end of each of these blocks in order. Seconds, or whatever unit `times` has.
/// -1 <= last < exit < times.exits().
template <class Visit>
double next_output(const BlockTimes& times, int last, double elapsed, int exit, Visit&& visit) {
  // What passes is summed apart, so that successive outputs wait for one addition each.
  double passed = 0.0;
  const auto pass = [&](BlockKind kind, int block, double seconds) {
    visit(kind, block, elapsed + passed, elapsed + passed + seconds);
    passed += seconds;
  };
  if (last >= 0) pass(BlockKind::kPlanning, last, times.planning_after(last));
  for (int block = last + 1; block <= exit; ++block) pass(BlockKind::kConvPart, block, times.conv[block]);
  pass(BlockKind::kBranch, exit, times.branch[exit]);
  return elapsed + passed;
}

inline double next_output(const BlockTimes& times, int last, double elapsed, int exit) {
  return next_output(times, last, elapsed, exit, [](BlockKind, int, double, double) {});
}

}  // namespace einet::plan
