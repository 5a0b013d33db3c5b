#pragma once

#include <string>
#include <unordered_map>

#include "graph/graph.h"

namespace einet::graph {

/// Shapes of all values of a graph, including inputs and initializers.
using Shapes = std::unordered_map<std::string, Shape>;

/// Infers all shapes for one batch size (which replaces a leading -1 of the inputs).
/// Throws kUnsupported for an unsupported operator (naming operator and node) and kInvalidData if shapes do not match
/// (naming the node).
Shapes infer_shapes(const Graph& graph, std::int64_t batch = 1);

/// All operators of loaded graphs. Shape inference and both executors support all of them, the trainer most.
const std::vector<std::string>& supported_operators();

}  // namespace einet::graph
