#pragma once

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// Where the windows of a convolution or a pooling lie: one entry per spatial dimension in every list.
struct WindowGeometry {
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;   ///< 1 = dense.
  std::vector<std::int64_t> pads_begin;  ///< With auto_pad resolved.
  std::vector<std::int64_t> pads_end;    ///< As declared; with ceil_mode the last window may reach beyond it.
  std::vector<std::int64_t> output;      ///< Spatial size of the result.
};

/// Reads strides, dilations, pads, auto_pad and ceil_mode of `node` (Conv, MaxPool, AveragePool) for an input of
/// shape [N,C,spatial...] and a window of `kernel` elements. With ceil_mode a window that would start beyond the input
/// and its leading padding does not count, as in PyTorch and ONNX Runtime.
/// Throws kInvalidData, naming the node, where the attributes are not windows over such an input.
WindowGeometry window_geometry(const Node& node, const Shape& input, const std::vector<std::int64_t>& kernel);

/// The same of a ConvTranspose: element o of the result lies in the windows of the inputs i and their elements k with
/// i * stride + k * dilation - pads_begin = o. Reads output_padding and output_shape, too.
WindowGeometry transposed_geometry(const Node& node, const Shape& input, const std::vector<std::int64_t>& kernel);

}  // namespace einet::graph
