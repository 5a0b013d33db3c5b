#include "graph/axis.h"

#include <string>

#include "graph/faults.h"

namespace einet::graph {

std::size_t counted_axis(const Node& node, std::int64_t axis, std::size_t rank, bool end_allowed) {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  const std::int64_t counted = axis < 0 ? axis + signed_rank : axis;
  if (counted < 0 || counted > signed_rank - (end_allowed ? 0 : 1)) {
    invalid(node, "axis " + std::to_string(axis) + " of a value with " + std::to_string(rank) + " dimensions");
  }
  return static_cast<std::size_t>(counted);
}

}  // namespace einet::graph
