#pragma once

#include "graph/graph.h"

namespace einet::graph {

/// Replaces what exporters write as several nodes by the one operator that it is: Gelu (with Erf or Tanh), Mish,
/// Swish, HardSwish, HardSigmoid, LayerNormalization and GroupNormalization (around an InstanceNormalization). The results differ by rounding only.
/// `graph` is valid, in topological order and stays so.
void recognize(Graph& graph);

}  // namespace einet::graph
