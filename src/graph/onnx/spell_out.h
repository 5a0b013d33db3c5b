#pragma once

#include "graph/graph.h"

namespace einet::graph {

/// Writes Gelu and Mish, which came after opset 17, as the nodes that exporters write for them: tools of some years ago
/// read the file, and recognize() makes them one operator again.
Graph spelled_out(const Graph& graph);

}  // namespace einet::graph
