#pragma once

#include <optional>

#include "graph/tensor.h"

namespace einet::graph {

/// NumPy's rule: aligned at the last dimension, sizes equal or 1. Nothing where the shapes do not fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);

}  // namespace einet::graph
