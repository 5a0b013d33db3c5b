#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::train {

/// One node, ready to run: from the values of its inputs (undefined where absent) to its first output.
using Operation = std::function<at::Tensor(std::span<const at::Tensor> inputs, bool training)>;

/// Compiles a node. Throws kUnsupported naming operator and node.
///
/// To add an operator: one line in the table of its family (operators/), and, where training moves its constants, a
/// line in graph::trainable_weights().
Operation compile(const graph::Graph& graph, const graph::Node& node);

/// A BatchNormalization and the Relu that alone follows it, as one operation.
Operation compile_norm_relu(const graph::Node& normalization);

}  // namespace einet::train
