#include "cli/combination_report.h"

#include <cstdio>
#include <iostream>

namespace einet::cli {

void print_combination(const predict::CombinationWeights& weights) {
  char line[160];
  std::snprintf(line, sizeof line,
                "combined answers: %+.2f +- %.2f points over latest answers (held out); runs publish %s\n",
                100 * weights.gain, 100 * weights.gain_stderr,
                weights.pays() ? "them by default" : "the latest answer by default");
  std::cout << line;
}

}  // namespace einet::cli
