#pragma once

#include <unordered_map>

#include "graph/shape_inference.h"

namespace einet::graph {

/// For every value of rank 3 or more that depends on the input, the dimension with the channels: 1 as in [N,C,H,W], or
/// the last as in [N,H,W,C] and [N,L,C].
std::unordered_map<std::string, std::size_t> channel_dimensions(const Graph& graph, const Shapes& shapes);

}  // namespace einet::graph
