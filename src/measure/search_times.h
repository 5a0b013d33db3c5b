#pragma once

#include <functional>
#include <string>
#include <vector>

#include "einet/plan.h"

namespace einet::measure {

/// Seconds of one call of a function over repeated measurements.
struct CallTimes {
  double least = 0.0, mean = 0.0, most = 0.0;
  int repetitions = 0;
};

/// Times `call(repetition)`: `calls` calls in a row per repetition, of which the mean counts. Throws kUsage unless both
/// numbers are at least 1.
CallTimes time_calls(int repetitions, int calls, const std::function<void(int repetition)>& call);

/// What planners are asked: one network and rows of scores (one per exit); the cut-off is uniform over the time of
/// everything. Repetition k uses row k, from the first again when they run out.
struct PlanningQuestion {
  plan::BlockTimes times;
  std::vector<std::vector<double>> scores;
};

/// `exits` exits with conv parts of 0.5 to 1.5 ms, branches of 0.1 to 0.8 ms and rising scores with some noise, drawn
/// with `seed`. Throws kUsage unless exits and rows are at least 1.
PlanningQuestion random_question(int exits, int rows, unsigned long seed);

struct SearchTimes {
  CallTimes times;
  double value = 0.0;  ///< The expectation for the first row.
};

/// One plan::expectation() of the plan of all exits, the slowest case.
SearchTimes time_expectation(const PlanningQuestion& question, int repetitions);

/// One plan from scratch by `planner` (plan::make_planner()). Throws as that does.
SearchTimes time_search(const PlanningQuestion& question, const std::string& planner, int repetitions);

}  // namespace einet::measure
