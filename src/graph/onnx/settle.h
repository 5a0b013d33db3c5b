#pragma once

#include <cstdint>

#include "einet/graph/graph.h"

namespace einet::graph {

/// Decides all that only shapes can decide, so that what remains are the operators of shape_inference.h:
///   - chains from Shape over Gather, Cast, Concat, … to a Reshape or a Resize become constants;
///   - Squeeze and Unsqueeze become Reshape, Split one Slice per output, and what opset 18 says in other words, or
///     Softmax before opset 13, is said in those of opset 13;
///   - casts between float types vanish: all arithmetic here is float.
/// `graph` has passed upgrade_to_opset_13() and is in topological order. Throws kInvalidData or kUnsupported, naming
/// the node. See settle.cc.
void settle(Graph& graph, std::int64_t opset);

}  // namespace einet::graph
