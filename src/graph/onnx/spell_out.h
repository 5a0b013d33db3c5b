#pragma once

#include "graph/graph.h"
#include "graph/shape_inference.h"

namespace einet::graph {

/// Decomposes Gelu, Mish, Swish and GroupNormalization, which were introduced after opset 17, in the same way as
/// exporters, so that older tools can read the file; recognize() restores the operators. `shapes` are those of the
/// graph.
Graph spelled_out(const Graph& graph, const Shapes& shapes);

}  // namespace einet::graph
