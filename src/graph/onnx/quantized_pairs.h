#pragma once

#include "graph/graph.h"
#include "graph/onnx/element_types.h"

namespace einet::graph {

/// Replaces every QuantizeLinear that only equal DequantizeLinear nodes read by one FakeQuantize, and records the
/// scales of constants that a DequantizeLinear makes from signed integers in `graph.quantized`. Everything else is left
/// to rewrite_quantized(): parameters per channel or computed at run time, asymmetric weights, integers as outputs.
void pair_quantization(Graph& graph, const ElementTypes& types);

}  // namespace einet::graph
