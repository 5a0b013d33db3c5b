#pragma once

#include "train/operators.h"

namespace einet::train {

/// Slice, Pad and Resize: every dimension takes its elements from given positions of the input, interpolates between
/// them, or is filled.
Operation selection(const graph::Graph& graph, const graph::Node& node);

}  // namespace einet::train
