#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace einet::graph {

constexpr std::int64_t kOldestOpset = 7;
constexpr std::int64_t kNewestOpset = 25;

/// Converts the nodes of a file of opset `version` (kOldestOpset to kNewestOpset) to the form of opset 13, the only one
/// supported in the rest of EINet, as far as this needs no shapes (settle() does the rest). Constants must be folded
/// already. Throws kUnsupported, naming the node, if opset 13 cannot express it.
void upgrade_to_opset_13(Graph& graph, std::int64_t version);

}  // namespace einet::graph
