#pragma once

#include <nlohmann/json_fwd.hpp>

#include "predict/combination.h"

namespace einet::cli {

/// The gain of combined answers, for --json.
nlohmann::json combination_summary(const predict::CombinationWeights& weights);
/// The same as a line on standard output.
void print_combination(const predict::CombinationWeights& weights);

}  // namespace einet::cli
