#pragma once

#include <algorithm>

#include "einet/plan.h"
#include "plan/survival.h"

namespace einet::plan {

// The time law of two lanes (docs/definitions.md, "Two lanes"). Expectations, planners and simulations all use it.

/// The state of a run with a branch lane.
struct Lanes {
  int passed = -1;     ///< The trunk has executed the conv parts up to this exit …
  double trunk = 0.0;  ///< … and is at this time.
  double free = 0.0;   ///< When the branch lane has executed all branches handed to it and planned.
};

/// The trunk executes its next conv part. While the branch lane is busy it progresses at the speed of the busy time.
inline void pass_part(const BlockTimes& times, Lanes& lanes) noexcept {
  const int part = ++lanes.passed;
  const double idle = times.lane.conv[part], busy = times.lane.busy[part];
  const double overlap = lanes.free - lanes.trunk;
  if (!(overlap > 0.0)) {
    lanes.trunk += idle;
  } else if (overlap >= busy) {
    lanes.trunk += busy;
  } else {
    lanes.trunk += overlap + idle * (1.0 - overlap / busy);
  }
}

/// The branch lane executes branch `exit` <= passed after those handed to it before, then plans. Returns when the
/// output comes.
inline double hand_over(const BlockTimes& times, Lanes& lanes, int exit) noexcept {
  const double output = std::max(lanes.trunk, lanes.free) + times.lane.branch[exit];
  lanes.free = output + times.planning_after(exit);
  return output;
}

/// Time of the output of `exit` > passed if it is the next one.
inline double next_output(const BlockTimes& times, Lanes& lanes, int exit) noexcept {
  while (lanes.passed < exit) pass_part(times, lanes);
  return hand_over(times, lanes, exit);
}

/// A run with two lanes that continues from a Start.
struct Resumed {
  Lanes lanes;   ///< After the branches that are pending at the start.
  double score;  ///< Of the last of them, or of the answer in force.
  double value;  ///< What the answer in force and the pending ones contribute to the expectation.
};

/// `exit` is start.exit within [-1, exits). Scores are read by score(exit), which returns valid ones.
template <class Score>
Resumed resume(const BlockTimes& times, const Start& start, int exit, const Score& score,
               const Survival& survival) noexcept {
  const double elapsed = clean_elapsed(start.elapsed);
  Resumed now{{}, clean_score(start.score), 0.0};
  now.value = now.score * survival(elapsed);
  now.lanes.free = exit < 0 ? elapsed : elapsed + times.planning_after(exit);
  now.lanes.passed = exit;
  now.lanes.trunk = exit < 0 ? elapsed : std::max(0.0, elapsed - times.lane.branch[exit]);
  if (start.ahead.exit < 0 || start.ahead.exit < exit) return now;
  now.lanes.passed = std::min(start.ahead.exit, times.exits() - 1);
  now.lanes.trunk = clean_elapsed(start.ahead.elapsed);
  const ExitPlan& pending = start.ahead.pending;
  for (int next = pending.next(exit); next <= now.lanes.passed && next < pending.exits(); next = pending.next(next)) {
    const double output = now.lanes.free + times.lane.branch[next];
    now.lanes.free = output + times.planning_after(next);
    now.value += (score(next) - now.score) * survival(output);
    now.score = score(next);
  }
  return now;
}

}  // namespace einet::plan
