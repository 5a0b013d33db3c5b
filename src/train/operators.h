#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "einet/graph/graph.h"

namespace einet::train {

/// One node, ready to run: from the values of its inputs (undefined where absent) to its first output.
using Operation = std::function<at::Tensor(std::span<const at::Tensor> inputs, bool training)>;

/// Compiles a node. Throws kUnsupported naming operator and node.
///
/// To add an operator: write one function in operators.cc, name it in the table there, and, where it has
/// trainable inputs, give their role in role_of().
Operation compile(const graph::Graph& graph, const graph::Node& node);

/// A BatchNormalization and the Relu that alone follows it, as one operation.
Operation compile_norm_relu(const graph::Node& normalization);

/// What a constant is to training.
enum class Role {
  kConstant,   ///< Never changes.
  kStatistic,  ///< Running mean or variance: moved by the normalisation itself.
  kBias,       ///< Trained without weight decay: biases, scales and shifts.
  kWeight,     ///< Trained with weight decay.
};

/// The role of a float constant that is input number `position` of an operator.
Role role_of(const std::string& op, std::size_t position);

}  // namespace einet::train
