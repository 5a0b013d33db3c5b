#pragma once

#include <cstdint>

#include "graph/graph.h"
#include "graph/onnx/branches.h"
#include "graph/onnx/element_types.h"

namespace einet::graph {

/// Decides all that only shapes can decide, so that what remains are the operators of shape_inference.h:
///   - chains from Shape over Gather, Cast, Concat, … to a Reshape or a Resize become constants;
///   - Squeeze and Unsqueeze become Reshape, Split one Slice per output, and what opset 18 says in other words, or
///     Softmax before opset 13, is said in those of opset 13;
///   - quantised operators become operators on floats (quantization.h);
///   - casts vanish, or round towards 0, or compare with 0: all arithmetic here is float.
/// `graph` has passed upgrade_to_opset_13() and is in topological order; `types` are those of the file. An If
/// becomes the branch that its condition takes. Throws
/// kInvalidData or kUnsupported, naming the node. See settle.cc.
void settle(Graph& graph, std::int64_t opset, const ElementTypes& types, const BranchesByNode& branches);

}  // namespace einet::graph
