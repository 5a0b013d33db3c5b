#pragma once

#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// The nodes through which every path from the graph's input to its only output leads, in order (the last is the one
/// that gives the output). Nothing that comes before such a node is needed after it.
std::vector<int> meeting_points(const Graph& graph);

/// For each node whether its value depends on the graph's input and the output depends on it.
std::vector<char> on_the_way(const Graph& graph);

}  // namespace einet::graph
