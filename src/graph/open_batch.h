#pragma once

#include "graph/graph.h"

namespace einet::graph {

/// The network for batches of any size; as it is where its batch is open already. Exporters that are not asked for an
/// open batch write the one of their example into the input's shape and into Reshapes. Throws kUnsupported, naming the
/// node, where a batch cannot be told from other dimensions or something else fits one size only.
Graph open_batch(Graph graph);

}  // namespace einet::graph
