#pragma once

#include <span>
#include <string_view>

#include "graph/graph.h"
#include "graph/onnx/element_types.h"
#include "graph/onnx/rewriting.h"

namespace einet::graph {

/// Whether this is an operator on quantised numbers: QuantizeLinear, QLinearConv, ConvInteger, …
bool is_quantized_operator(std::string_view op);

/// Stores the type to which the node quantises in its attribute "output_dtype"; it determines where values saturate.
void note_output_type(Node& node, const ElementTypes& types);

/// QuantizeLinear and DequantizeLinear of constants (nullptr if absent). Throw the errors of evaluate().
Tensor quantized(const Node& node, std::span<const Tensor* const> inputs);
Tensor dequantized(const Node& node, std::span<const Tensor* const> inputs);

/// Replaces a node of a quantised operator by operators on floats. See quantization.cc.
void rewrite_quantized(Rewriting& to);

}  // namespace einet::graph
