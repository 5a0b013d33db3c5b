#pragma once

#include "graph/graph.h"
#include "graph/onnx/settle_batch.h"

namespace einet::graph {

/// Converts `graph` to one for any batch size, given the results of settle_batch() for batches of 2 and of 3. Throws
/// kUnsupported, leaving it unchanged, if the batch size cannot remain open. See merge_batches.cc.
void merge_batches(Graph& graph, SettledBatch two, SettledBatch three);

}  // namespace einet::graph
