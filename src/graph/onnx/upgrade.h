#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace einet::graph {

constexpr std::int64_t kOldestOpset = 7;
constexpr std::int64_t kNewestOpset = 25;

/// Rewrites the nodes of a file of opset `version` (kOldestOpset to kNewestOpset) in the form of opset 13, which is the
/// only one the rest of EINet knows, as far as that needs no shapes (settle() does the rest). Constants are folded
/// already. Throws kUnsupported, naming the node, where that form cannot say it.
void upgrade_to_opset_13(Graph& graph, std::int64_t version);

}  // namespace einet::graph
