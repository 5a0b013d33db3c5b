#pragma once

#include <functional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// An Einsum of one or two values of the given shapes as Transpose, ReduceSum, Reshape and MatMul; the last node
/// produces the output of `node`. A Reshape has its new shape as the attribute "shape" instead of an input.
/// `fresh(key)` returns a new name for intermediate values. Throws kInvalidData or kUnsupported, naming the node.
std::vector<Node> einsum_as_matmul(const Node& node, const std::vector<Shape>& shapes,
                                   const std::function<std::string(const std::string&)>& fresh);

}  // namespace einet::graph
