#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// For each node, whether `output` depends on it; some node must produce `output`. `produced_by` is producers(graph).
std::vector<char> ancestors(const Graph& graph, const std::unordered_map<std::string, int>& produced_by,
                            const std::string& output);

}  // namespace einet::graph
