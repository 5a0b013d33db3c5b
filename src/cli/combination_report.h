#pragma once

#include "predict/combination.h"

namespace einet::cli {

/// The gain of combined answers as a line on standard output.
void print_combination(const predict::CombinationWeights& weights);

}  // namespace einet::cli
