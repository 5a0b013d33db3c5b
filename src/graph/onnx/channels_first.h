#pragma once

#include "graph/graph.h"

namespace einet::graph {

/// An image input [N,H,W,C] becomes [N,C,H,W] (LoadOptions::channels_first). Returns whether there was one. `graph` is
/// valid, in topological order and stays so.
bool make_channels_first(Graph& graph);

}  // namespace einet::graph
