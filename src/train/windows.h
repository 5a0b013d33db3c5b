#pragma once

#include "train/operators.h"

namespace einet::train {

// What slides windows over images, [N,C,H,W], wherever graph::window_geometry() lays them.

Operation conv(const graph::Graph& graph, const graph::Node& node);
Operation conv_transpose(const graph::Graph& graph, const graph::Node& node);
Operation max_pool(const graph::Graph& graph, const graph::Node& node);

/// Counts the elements inside the image, or with count_include_pad also those in the declared padding; what ceil_mode
/// adds beyond the padding never counts.
Operation average_pool(const graph::Graph& graph, const graph::Node& node);

}  // namespace einet::train
