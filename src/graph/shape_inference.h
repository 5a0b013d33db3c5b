#pragma once

#include <string>
#include <unordered_map>

#include "graph/graph.h"

namespace einet::graph {

/// Shapes of every value of a graph, inputs and initializers included.
using Shapes = std::unordered_map<std::string, Shape>;

/// Infers all shapes for one batch size (which replaces a leading -1 of the inputs).
/// Throws kUnsupported for an unsupported operator (operator and node named) and kInvalidData where
/// shapes do not fit (node named).
Shapes infer_shapes(const Graph& graph, std::int64_t batch = 1);

/// All operators of loaded graphs: shape inference and both executors support them all, the trainer most.
const std::vector<std::string>& supported_operators();

}  // namespace einet::graph
