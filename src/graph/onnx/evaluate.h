#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "graph/graph.h"

namespace einet::graph {

/// Whether nodes of this operator exist only in files: loading evaluates them (Constant, Cast, Shape, Gather, …) or
/// rewrites them (Split, Squeeze, …), so that nothing after it knows them.
bool is_gone_after_loading(std::string_view op);

/// The value of a node whose inputs are all constants (nullptr where absent), by NumPy's rules; nothing where the
/// operator is not one of those that models compute shapes and weights with. Throws kInvalidData or kUnsupported,
/// naming the node; never allocates more than the inputs or a bound justify.
std::optional<Tensor> evaluate(const Node& node, std::span<const Tensor* const> inputs);

/// [x.size()], as Shape gives it, from "start" to "end".
Tensor evaluate_shape(const Node& node, const Shape& x);

/// The dimensions after a Squeeze or an Unsqueeze of `x`; `axes` may be absent.
Shape squeezed_shape(const Node& node, const Shape& x, const Tensor* axes);

}  // namespace einet::graph
