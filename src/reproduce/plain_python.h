#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "measure/search_times.h"

namespace einet::reproduce {

/// What bench/plain_planner.py reports.
struct PythonTimes {
  std::string problem;  ///< Why `times` is empty, such as "no python3 found"; "" if it is not.
  std::string version;  ///< Of Python.
  std::map<std::string, measure::SearchTimes> times;  ///< "expectation", "hybrid-1", …
};

/// Times Algorithms 1 and 2 in plain Python, Algorithm 2 with each m of `outputs`. Runs `python3` of the PATH on
/// `script`, by default that of the source tree in whose root the command runs; an installed package has none.
PythonTimes time_plain_python(const measure::PlanningQuestion& question, const std::vector<int>& outputs,
                              int repetitions, const std::filesystem::path& script = "bench/plain_planner.py");

}  // namespace einet::reproduce
