#pragma once

#include <span>
#include <string_view>

#include "graph/graph.h"
#include "graph/onnx/element_types.h"
#include "graph/onnx/rewriting.h"

namespace einet::graph {

/// Whether the operator computes with quantised numbers: QuantizeLinear, QLinearConv, ConvInteger, …
bool is_quantized_operator(std::string_view op);

/// Notes in the attribute "output_dtype" to which type the node quantises, which decides where it saturates.
void note_output_type(Node& node, const ElementTypes& types);

/// QuantizeLinear and DequantizeLinear of constants (nullptr where absent). Throw as evaluate() does.
Tensor quantized(const Node& node, std::span<const Tensor* const> inputs);
Tensor dequantized(const Node& node, std::span<const Tensor* const> inputs);

/// Replaces a node of a quantised operator by operators on floats. See quantization.cc.
void rewrite_quantized(Rewriting& to);

}  // namespace einet::graph
