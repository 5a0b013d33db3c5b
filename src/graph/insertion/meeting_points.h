#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// The nodes through which every path from the graph's input to `output` leads, in order (the last is the one that
/// gives the output). Nothing that comes before such a node is needed after it for this output.
std::vector<int> meeting_points(const Graph& graph, const std::string& output);

/// For each node whether its value depends on the graph's input and `output` depends on it.
std::vector<char> on_the_way(const Graph& graph, const std::string& output);

}  // namespace einet::graph
