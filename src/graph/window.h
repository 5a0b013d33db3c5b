#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// The positions of the windows of a convolution or pooling: one entry per spatial dimension in every list.
struct WindowGeometry {
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;   ///< 1 = dense.
  std::vector<std::int64_t> pads_begin;  ///< With auto_pad resolved.
  std::vector<std::int64_t> pads_end;    ///< As declared; with ceil_mode the last window may reach beyond it.
  std::vector<std::int64_t> output;      ///< Spatial size of the result.
};

/// Reads strides, dilations, pads, auto_pad and ceil_mode of `node` (Conv, MaxPool, AveragePool) for an input of
/// shape [N,C,spatial...] and a window of `kernel` elements. With ceil_mode, a window that would start beyond the input
/// and its leading padding is omitted, as in PyTorch and ONNX Runtime.
/// Throws kInvalidData, naming the node, if the attributes do not describe windows over such an input.
WindowGeometry window_geometry(const Node& node, const Shape& input, const std::vector<std::int64_t>& kernel);

/// The same for a ConvTranspose: element o of the result is element k of the window of input i if
/// i * stride + k * dilation - pads_begin = o. Also reads output_padding and output_shape.
WindowGeometry transposed_geometry(const Node& node, const Shape& input, const std::vector<std::int64_t>& kernel);

/// The trailing padding that windows cover in an input of these spatial sizes: less than `pads_end` if the stride
/// leaves a remainder, more with ceil_mode.
std::vector<std::int64_t> covered_padding(const WindowGeometry& window, std::span<const std::int64_t> sizes);

}  // namespace einet::graph
