#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// The network with only these exits, at least one, in order of depth, and the nodes they need; their names are kept.
/// Throws kInvalidData if an output does not exist, or partition() would then order them differently.
Graph keep_exits(Graph graph, const std::vector<std::string>& outputs);

}  // namespace einet::graph
