#pragma once

#include "train/operators.h"

namespace einet::train {

/// Slice, Pad and Resize: along each dimension, elements are copied from given positions of the input, interpolated, or
/// filled with a constant.
Operation selection(const graph::Graph& graph, const graph::Node& node);

}  // namespace einet::train
