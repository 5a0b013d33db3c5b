#pragma once

#include "graph/graph.h"

namespace einet::graph {

/// The network for batches of any size; unchanged if its batch is already open. Unless an open batch is requested,
/// exporters write that of their example into the input's shape and into Reshapes. Throws kUnsupported, naming the
/// node, if a batch cannot be distinguished from other dimensions or something else supports only one size.
Graph open_batch(Graph graph);

}  // namespace einet::graph
