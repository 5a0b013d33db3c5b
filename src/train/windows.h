#pragma once

#include "train/operators.h"

namespace einet::train {

// Operators with windows over images [N,C,H,W], at the positions given by graph::window_geometry().

Operation conv(const graph::Graph& graph, const graph::Node& node);
Operation conv_transpose(const graph::Graph& graph, const graph::Node& node);
Operation max_pool(const graph::Graph& graph, const graph::Node& node);

/// Averages over the elements inside the image, with count_include_pad also over those in the declared padding.
/// Elements that ceil_mode adds beyond the padding are never included.
Operation average_pool(const graph::Graph& graph, const graph::Node& node);

}  // namespace einet::train
