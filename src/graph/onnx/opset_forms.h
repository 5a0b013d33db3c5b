#pragma once

#include <cstdint>

#include "graph/onnx/rewriting.h"

namespace einet::graph {

// Forms of operators in other opsets than 13 whose conversion needs shapes or the values of constants; upgrade.h has
// the others. All throw kInvalidData or kUnsupported, naming the node.

/// The node in the form of opset 13, for one node in its place: a Squeeze or Unsqueeze as a Reshape, a Reshape without
/// "allowzero", a Pad, Resize or Reduce… without inputs that name axes, and a GroupNormalization of a file of `opset`
/// with one parameter for each channel. Any other node is returned as it is.
Node in_form_of_opset_13(Rewriting& to, std::int64_t opset);

/// Replaces a Split by one Slice for each output.
void rewrite_split(Rewriting& to);

/// Whether a Softmax or LogSoftmax of before opset 13, which goes over all dimensions from its axis on, is another
/// operator in opset 13; rewrite_old_softmax() then replaces it by Flatten, Softmax, Reshape.
bool is_old_softmax(const Rewriting& softmax);
void rewrite_old_softmax(Rewriting& to);

}  // namespace einet::graph
