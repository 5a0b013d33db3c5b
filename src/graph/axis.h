#pragma once

#include <cstddef>
#include <cstdint>

#include "graph/graph.h"

namespace einet::graph {

/// `axis` of a value of `rank` dimensions, as an attribute or input of `node` gives it: counted from the back when
/// negative. `end_allowed` admits axis == rank. Throws kInvalidData, naming the node, outside these.
std::size_t counted_axis(const Node& node, std::int64_t axis, std::size_t rank, bool end_allowed = false);

}  // namespace einet::graph
