#pragma once

#include "graph/graph.h"

namespace einet::graph {

/// Converts Constant nodes, and Cast and Identity of constants, to initializers. Everything else that can be computed
/// when loading needs shapes: see settle.h. `graph` must be in topological order and remains so. Initializers without
/// readers are removed. Throws kInvalidData or kUnsupported, naming the node.
void fold_constants(Graph& graph);

void remove_unread_initializers(Graph& graph);

/// Removes the nodes that no output needs. `graph` must be in topological order and remains so.
void remove_dead_nodes(Graph& graph);

}  // namespace einet::graph
