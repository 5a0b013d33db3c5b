#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "exec/program.h"

namespace einet::exec {

using Outputs = std::vector<std::vector<float>>;  ///< One per exit; empty where the exit was skipped.

/// Runs one input through `execution`, branch i only if planned[i].
Outputs run(const Program& program, Execution& execution, const std::vector<float>& input,
            const std::vector<bool>& planned);
/// Everything, in a new execution.
Outputs run(const Program& program, const std::vector<float>& input);

std::vector<float> random_input(const Program& program, std::uint64_t seed);
std::vector<bool> random_plan(const Program& program, std::uint64_t seed);

/// Largest difference over the largest absolute value of `expected`, or over 0.001 where all are smaller: what cancels
/// to nearly nothing has no digits in common.
double relative_difference(const std::vector<float>& expected, const std::vector<float>& actual);

/// Compiles `graph` both ways and expects that all exits agree to 1e-4, that skipping branches changes nothing, bit by
/// bit, and that nothing runs by oneDNN's plain loops where it has better.
void expect_agreement(const graph::Graph& graph, std::int64_t batch, std::uint64_t seed);

}  // namespace einet::exec
