#pragma once

#include <cstddef>
#include <cstdint>

#include "graph/graph.h"

namespace einet::graph {

/// Resolves an axis given by an attribute or input of `node` for a value of `rank` dimensions: negative axes count from
/// the back. `end_allowed` permits axis == rank. Throws kInvalidData, naming the node, for an axis outside the range.
std::size_t counted_axis(const Node& node, std::int64_t axis, std::size_t rank, bool end_allowed = false);

}  // namespace einet::graph
