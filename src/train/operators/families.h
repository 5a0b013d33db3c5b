#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "train/operators.h"

namespace einet::train {

using Compiler = std::function<Operation(const graph::Graph&, const graph::Node&)>;
using Compilers = std::unordered_map<std::string, Compiler>;

// One table per family, each in the file of the same name; operators.cc joins them.
const Compilers& activation_operators();
const Compilers& arithmetic_operators();
const Compilers& arrangement_operators();
const Compilers& matrix_operators();
const Compilers& normalization_operators();
const Compilers& reduction_operators();

/// An operator without attributes that is a function of its first input.
template <class Function>
Compiler each(Function function) {
  return [function](const graph::Graph&, const graph::Node&) -> Operation {
    return [function](std::span<const at::Tensor> in, bool) { return function(in[0]); };
  };
}

/// The same in float, whatever type autocast gives the input: in bfloat16 these functions lose small differences.
/// Autocast for CUDA has the same list.
template <class Function>
Compiler each_in_float(Function function) {
  return each([function](const at::Tensor& x) { return function(x.to(at::kFloat)); });
}

bool has_input(const graph::Node& node, std::size_t i);

/// Constant inputs. These throw kUnsupported, naming the node, if input `i` is not constant.
const graph::Tensor& constant(const graph::Graph& graph, const graph::Node& node, std::size_t i);
/// The only element of the input; `otherwise` if it is absent.
float scalar(const graph::Graph& graph, const graph::Node& node, std::size_t i, float otherwise);

/// Axes in libtorch's type.
std::vector<std::int64_t> dimensions(const std::vector<std::size_t>& axes);

}  // namespace einet::train
