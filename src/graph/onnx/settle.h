#pragma once

#include <cstdint>

#include "graph/graph.h"
#include "graph/onnx/branches.h"
#include "graph/onnx/element_types.h"

namespace einet::graph {

/// Resolves everything that depends on shapes, so that only the operators of shape_inference.h remain:
///   - chains from Shape over Gather, Cast, Concat, … to a Reshape or a Resize become constants;
///   - Squeeze and Unsqueeze become Reshape, Split one Slice per output, and forms of opset 18, or of Softmax before
///     opset 13, are converted to those of opset 13;
///   - quantised operators become operators on floats (quantization.h);
///   - casts are removed, or replaced by rounding towards 0 or a comparison with 0, since all arithmetic is in float.
/// `graph` has passed upgrade_to_opset_13() and is in topological order; `types` are those of the file. An If is
/// replaced by the branch selected by its condition. Throws kInvalidData or kUnsupported, naming the node. See
/// settle.cc.
void settle(Graph& graph, std::int64_t opset, const ElementTypes& types, const BranchesByNode& branches);

}  // namespace einet::graph
