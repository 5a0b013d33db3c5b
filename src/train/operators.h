#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::train {

/// A compiled node: computes its first output from the values of its inputs (undefined if absent).
using Operation = std::function<at::Tensor(std::span<const at::Tensor> inputs, bool training)>;

/// Compiles a node. Throws kUnsupported naming operator and node.
///
/// To add an operator: one line in the table of its family (operators/) and, if its constants are trainable, a line in
/// graph::trainable_weights().
Operation compile(const graph::Graph& graph, const graph::Node& node);

/// A BatchNormalization and the Relu that is its only reader, as one operation.
Operation compile_norm_relu(const graph::Node& normalization);

}  // namespace einet::train
