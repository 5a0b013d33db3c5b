#pragma once

#include <string>
#include <vector>

#include "einet/plan.h"

namespace einet::reproduce {

/// How often one planner finds a better plan than another.
struct SearchDifference {
  int searches = 0;
  int better = 0;     ///< Where the first planner's expectation is more than 1e-9 higher.
  double most = 0.0;  ///< The largest such difference, in [0,1].

  void add(const SearchDifference& other);
};

/// Searches with both planners (plan::make_planner()) under a uniform cut-off over the time of everything: for every
/// row of scores, one per exit, from the start of a run and after each exit of the plan of all exits. `times.planning`
/// is planned for. Throws as make_planner() does.
SearchDifference compare_searches(const plan::BlockTimes& times, const std::vector<std::vector<double>>& rows,
                                  const std::string& planner, const std::string& other);

}  // namespace einet::reproduce
