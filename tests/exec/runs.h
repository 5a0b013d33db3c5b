#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "exec/forms/choice.h"
#include "exec/program.h"

namespace einet::exec {

using Outputs = std::vector<std::vector<float>>;  ///< One per exit; empty if the exit was skipped.

/// Runs one input through `execution`, branch i only if planned[i].
Outputs run(const Program& program, Execution& execution, const std::vector<float>& input,
            const std::vector<bool>& planned);
/// Runs all branches, in a new execution.
Outputs run(const Program& program, const std::vector<float>& input);

std::vector<float> random_input(const Program& program, std::uint64_t seed);
std::vector<bool> random_plan(const Program& program, std::uint64_t seed);

/// A tuning with `choice` for every layer that can be run so.
Tuning wherever_possible(const graph::Graph& graph, Choice choice);

/// Largest difference, relative to the largest absolute value of `expected` or to 0.001 if all are smaller, because
/// sums that cancel almost completely have no accurate digits.
double relative_difference(const std::vector<float>& expected, const std::vector<float>& actual);

/// Compiles `graph` for both executors. Expects that all exits agree to 1e-4, that skipping branches does not change a
/// bit, and that oneDNN's plain loops are not used if it has better implementations.
void expect_agreement(const graph::Graph& graph, std::int64_t batch, std::uint64_t seed);

}  // namespace einet::exec
