#pragma once

#include "graph/onnx/rewriting.h"

namespace einet::graph {

// Types of a file (onnx/element_types.h) as floats: a truth value is 0 or 1, an integer the float of the same value.

/// Whether a Cast from `from` to `to` (ONNX element types, 0 = unknown) changes no value. Throws kUnsupported, naming
/// `node`, for unsupported types and casts that wrap around.
bool is_free_cast(const Node& node, int from, int to);

/// Replaces a Cast that changes values by a comparison with 0 (to bool) or rounding towards 0 (to integers).
void rewrite_cast(Rewriting& to);

/// Replaces a Div of integers, whose quotient is rounded towards 0.
void rewrite_integer_division(Rewriting& to);

/// Throws kUnsupported if `node`, whose first input has the element type `type`, would wrap around.
void refuse_wrapping(const Node& node, int type);

}  // namespace einet::graph
