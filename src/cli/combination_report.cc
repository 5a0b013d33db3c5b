#include "cli/combination_report.h"

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

namespace einet::cli {

nlohmann::json combination_summary(const predict::CombinationWeights& weights) {
  return {{"gain", weights.gain}, {"gain_stderr", weights.gain_stderr}, {"default", weights.pays()}};
}

void print_combination(const predict::CombinationWeights& weights) {
  char line[160];
  std::snprintf(line, sizeof line,
                "combined answers: %+.2f +- %.2f points over latest answers (held out); runs publish %s\n",
                100 * weights.gain, 100 * weights.gain_stderr,
                weights.pays() ? "them by default" : "the latest answer by default");
  std::cout << line;
}

}  // namespace einet::cli
