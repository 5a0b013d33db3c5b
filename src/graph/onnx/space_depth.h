#pragma once

#include "graph/onnx/rewriting.h"

namespace einet::graph {

/// Replaces a DepthToSpace or SpaceToDepth by Reshape, Transpose, Reshape. Throws kInvalidData, naming the node.
void rewrite_space_depth(Rewriting& to);

}  // namespace einet::graph
