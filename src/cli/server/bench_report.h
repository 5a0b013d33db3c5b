#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "load/benchmark.h"

namespace einet::cli {

/// What the rows of `einet bench server` have in common.
struct LoadReport {
  std::string bundle;
  double horizon = 0.0;      ///< Seconds.
  std::size_t sessions = 0;  ///< 0 = those of a server that was running before.
  double rate = 0.0;         ///< Requests per second.
  std::vector<std::string> networks;
  std::vector<load::Row> rows;
};

nlohmann::json to_json(const LoadReport& report);
/// One line for each row, grouped by timeout.
std::string to_table(const LoadReport& report);

}  // namespace einet::cli
