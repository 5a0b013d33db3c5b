#pragma once

#include "graph/graph.h"

namespace einet::graph {

/// Converts an image input [N,H,W,C] to [N,C,H,W] (LoadOptions::channels_first). Returns whether there was one. `graph`
/// must be valid and in topological order, and remains so.
bool make_channels_first(Graph& graph);

}  // namespace einet::graph
