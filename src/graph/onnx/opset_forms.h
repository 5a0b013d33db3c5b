#pragma once

#include <cstdint>

#include "graph/onnx/rewriting.h"

namespace einet::graph {

// Conversions from other opsets to 13 that need shapes or the values of constants; upgrade.h has the others. All throw
// kInvalidData or kUnsupported, naming the node.

/// The node in the form of opset 13, if this is a single node: a Squeeze or Unsqueeze as a Reshape, a Reshape without
/// "allowzero", a Pad, Resize or Reduce… without inputs for axes, and a GroupNormalization of a file of `opset` with
/// one parameter for each channel. Any other node is returned unchanged.
Node in_form_of_opset_13(Rewriting& to, std::int64_t opset);

/// Replaces a Split by one Slice for each output.
void rewrite_split(Rewriting& to);

/// Whether a Softmax or LogSoftmax from before opset 13, which applies to all dimensions from its axis on, differs from
/// that of opset 13; rewrite_old_softmax() then replaces it by Flatten, Softmax, Reshape.
bool is_old_softmax(const Rewriting& softmax);
void rewrite_old_softmax(Rewriting& to);

}  // namespace einet::graph
