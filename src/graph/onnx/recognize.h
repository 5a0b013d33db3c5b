#pragma once

#include "graph/graph.h"

namespace einet::graph {

/// Replaces operators that exporters write as several nodes by a single one: Gelu (with Erf or Tanh), Mish,
/// Swish, HardSwish, HardSigmoid, LayerNormalization and GroupNormalization (around an InstanceNormalization). Results
/// differ only by rounding. `graph` must be valid and in topological order, and remains so.
void recognize(Graph& graph);

}  // namespace einet::graph
