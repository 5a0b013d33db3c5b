#pragma once

#include "einet/graph/graph.h"

namespace einet::graph {

/// Turns what can be known at load time into initializers: Constant nodes, and Cast and Identity of constants. A Cast
/// between float types of anything else is dropped: all arithmetic here is float. `graph` is in topological order and
/// stays so. Initializers that nothing reads any more are removed.
/// Throws kInvalidData or kUnsupported, naming the node.
void fold_constants(Graph& graph);

}  // namespace einet::graph
