#pragma once

#include <optional>

#include "graph/tensor.h"

namespace einet::graph {

/// NumPy's rule: aligned at the last dimension, sizes equal or 1. Empty if the shapes cannot be broadcast.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);

}  // namespace einet::graph
