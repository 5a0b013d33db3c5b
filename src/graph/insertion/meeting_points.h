#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// The nodes on every path from the graph's input to `output`, in order (the last one produces the output). After such
/// a node, this output needs no value from before it.
std::vector<int> meeting_points(const Graph& graph, const std::string& output);

/// For each node whether its value depends on the graph's input and `output` depends on it.
std::vector<char> on_the_way(const Graph& graph, const std::string& output);

}  // namespace einet::graph
