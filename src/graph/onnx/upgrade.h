#pragma once

#include <cstdint>

#include "einet/graph/graph.h"

namespace einet::graph {

constexpr std::int64_t kOldestOpset = 7;
constexpr std::int64_t kNewestOpset = 22;

/// Rewrites the nodes of a file of opset `version` (kOldestOpset to kNewestOpset) in the form of opset 13, which is the
/// only one the rest of EINet knows. Constants are folded already. Throws kUnsupported, naming the node, where that
/// form cannot say it.
void upgrade_to_opset_13(Graph& graph, std::int64_t version);

/// Before opset 13 a Softmax flattened all dimensions from its axis on. Throws kUnsupported where that differs from
/// today's meaning; needs the graph after upgrade_to_opset_13(), and valid.
void check_old_softmax(const Graph& graph, std::int64_t version);

}  // namespace einet::graph
