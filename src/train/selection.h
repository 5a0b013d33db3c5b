#pragma once

#include "train/operators.h"

namespace einet::train {

/// Slice, Pad and Resize (nearest): every dimension takes its elements from given positions of the input's, or is
/// filled.
Operation selection(const graph::Graph& graph, const graph::Node& node);

}  // namespace einet::train
