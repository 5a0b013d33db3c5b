#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/head.h"

namespace einet::graph {

/// Block i of a multi-exit network: conv part i followed by branch i. Node indices ascend (topological).
struct Block {
  std::string output;          ///< Name of the graph output that is exit i.
  Head head = Head::kLogits;   ///< The kind of the output, from find_head().
  std::vector<int> conv_part;  ///< Always executed. Empty for the last exit.
  std::vector<int> branch;     ///< Executed only if the plan says so.
};

/// Conv part i = ancestors of exit i that some later exit also needs, minus the earlier conv parts; branch i =
/// ancestors of exit i that no later exit needs. Exits are ordered by depth; the order of the file only resolves ties.
/// Nodes that no exit needs belong to no block.
///
/// A node shared by the branch of exit i and the branch (not the trunk) of a later exit belongs to a conv part by this
/// definition, which is correct but not always cheapest.
std::vector<Block> partition(const Graph& graph);

}  // namespace einet::graph
