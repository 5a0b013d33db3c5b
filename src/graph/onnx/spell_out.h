#pragma once

#include "graph/graph.h"
#include "graph/shape_inference.h"

namespace einet::graph {

/// Writes Gelu, Mish, Swish and GroupNormalization, which came after opset 17, as the nodes that exporters write for them:
/// tools of some years ago read the file, and recognize() makes them one operator again. `shapes` are those of the
/// graph.
Graph spelled_out(const Graph& graph, const Shapes& shapes);

}  // namespace einet::graph
