#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// The network with these exits only, at least one, in order of depth, and what they need; their names stay. Throws
/// kInvalidData where an output does not exist or partition() would then order them otherwise.
Graph keep_exits(Graph graph, const std::vector<std::string>& outputs);

}  // namespace einet::graph
