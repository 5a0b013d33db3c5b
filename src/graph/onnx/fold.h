#pragma once

#include "graph/graph.h"

namespace einet::graph {

/// Turns Constant nodes, and Cast and Identity of constants, into initializers. What else can be computed at load needs
/// shapes: see settle.h. `graph` is in topological order and stays so. Initializers that nothing reads any more are
/// removed. Throws kInvalidData or kUnsupported, naming the node.
void fold_constants(Graph& graph);

void remove_unread_initializers(Graph& graph);

/// Removes the nodes that no output needs. `graph` is in topological order and stays so.
void remove_dead_nodes(Graph& graph);

}  // namespace einet::graph
