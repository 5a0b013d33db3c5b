#pragma once

#include "graph/graph.h"

namespace einet::graph {

/// Folds every BatchNormalization that is the only reader of a convolution with constant weights into it: weights * s
/// and bias * s + t. The result computes the same; it has the statistics of inference and cannot be trained further.
Graph with_folded_normalization(Graph graph);

}  // namespace einet::graph
