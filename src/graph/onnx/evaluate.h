#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "graph/graph.h"

namespace einet::graph {

/// Whether nodes of this operator exist only in files: loading evaluates them (Constant, Cast, Shape, Gather, …) or
/// rewrites them (Split, Squeeze, …), so that they do not occur in graphs.
bool is_gone_after_loading(std::string_view op);

/// The value of a node whose inputs are all constants (nullptr if absent), by NumPy's rules; empty if the operator is
/// not one of those used to compute shapes and weights. Throws kInvalidData or kUnsupported, naming the node. Memory is
/// bounded by the size of the inputs or by a constant.
std::optional<Tensor> evaluate(const Node& node, std::span<const Tensor* const> inputs);

/// The result of a Shape node: the sizes of `x` from "start" to "end".
Tensor evaluate_shape(const Node& node, const Shape& x);

/// The dimensions after a Squeeze or an Unsqueeze of `x`; `axes` may be absent.
Shape squeezed_shape(const Node& node, const Shape& x, const Tensor* axes);

}  // namespace einet::graph
