#pragma once

#include "graph/graph.h"
#include "graph/onnx/settle_batch.h"

namespace einet::graph {

/// Makes `graph` one for any batch size from what settle_batch() gave for batches of 2 and of 3. Throws kUnsupported,
/// leaving it as it was, where the batch size cannot stay open. See merge_batches.cc.
void merge_batches(Graph& graph, SettledBatch two, SettledBatch three);

}  // namespace einet::graph
