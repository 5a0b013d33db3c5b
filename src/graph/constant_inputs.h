#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "graph/faults.h"
#include "graph/graph.h"

namespace einet::graph {

/// The inputs of a node that are constants, as constants() in selection.h returns them.
using Constants = std::span<const Tensor* const>;

/// Sizes and offsets up to this can be added, and multiplied by small numbers, without overflow.
inline constexpr std::int64_t kLargestSize = std::int64_t{1} << 40;

inline bool has_input(const Node& node, std::size_t i) { return i < node.inputs.size() && !node.inputs[i].empty(); }

/// Input i, which must be constant. Throws kInvalidData, kUnsupported.
inline const Tensor& constant_input(const Node& node, Constants constants, std::size_t i) {
  if (!has_input(node, i)) invalid(node, "has no input " + std::to_string(i + 1));
  if (i >= constants.size() || constants[i] == nullptr) unsupported(node, "'" + node.inputs[i] + "' is not a constant");
  return *constants[i];
}

}  // namespace einet::graph
