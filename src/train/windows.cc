// libtorch supports only equal padding at both ends of a dimension, for pooling at most half a window, and no dilated
// averages. In all other cases, the image is first padded or cropped to the area covered by the windows.

#include "train/windows.h"

#include <algorithm>
#include <limits>

#include "einet/error.h"
#include "graph/window.h"
#include "train/convolution.h"

namespace einet::train {
namespace {

using graph::Node;
using graph::WindowGeometry;
using Inputs = std::span<const at::Tensor>;
using Ints = std::vector<std::int64_t>;

constexpr int kSpatial = 2;

WindowGeometry geometry_over(const at::Tensor& x, const Node& node, const Ints& kernel) {
  WindowGeometry geometry = graph::window_geometry(node, {x.sizes().begin(), x.sizes().end()}, kernel);
  if (geometry.kernel.size() == kSpatial) return geometry;
  throw Error(ErrorKind::kUnsupported, graph::describe(node), "only windows over two dimensions can be trained");
}

/// `x` with the padding declared by the node.
at::Tensor padded(const at::Tensor& x, const WindowGeometry& g, double value) {
  return at::constant_pad_nd(x, Ints{g.pads_begin[1], g.pads_end[1], g.pads_begin[0], g.pads_end[0]}, value);
}

/// `padded` up to the end of the last window, which may be beyond its end with ceil_mode, and otherwise before it.
at::Tensor until_the_end(const at::Tensor& padded, const WindowGeometry& g, double value) {
  Ints ends(2 * kSpatial, 0);
  for (int d = 0; d < kSpatial; ++d) {
    const std::int64_t extent = (g.kernel[d] - 1) * g.dilations[d] + 1;
    ends[3 - 2 * d] = (g.output[d] - 1) * g.strides[d] + extent - padded.size(2 + d);
  }
  return at::constant_pad_nd(padded, ends, value);
}

/// Whether libtorch's pooling supports this padding.
bool suits_libtorch(const WindowGeometry& g) {
  return g.pads_begin == g.pads_end && 2 * g.pads_begin[0] <= g.kernel[0] && 2 * g.pads_begin[1] <= g.kernel[1];
}

/// The sum over every window; `x` must end with the last one.
at::Tensor window_sums(const at::Tensor& x, const WindowGeometry& g) {
  const auto part = [&](const at::Tensor& of, int d, std::int64_t position) {
    const std::int64_t first = position * g.dilations[d];
    return of.slice(2 + d, first, first + (g.output[d] - 1) * g.strides[d] + 1, g.strides[d]);
  };
  at::Tensor columns = part(x, 1, 0);
  for (std::int64_t q = 1; q < g.kernel[1]; ++q) columns = columns + part(x, 1, q);
  at::Tensor sums = part(columns, 0, 0);
  for (std::int64_t p = 1; p < g.kernel[0]; ++p) sums = sums + part(columns, 0, p);
  return sums;
}

}  // namespace

Operation conv(const graph::Graph&, const Node& node) {
  return [node, groups = node.attribute("group", std::int64_t{1})](Inputs in, bool) {
    WindowGeometry g = geometry_over(in[0], node, in[1].sizes().slice(2).vec());
    const c10::optional<at::Tensor> bias = in.size() > 2 ? c10::make_optional(in[2]) : c10::nullopt;
    if (g.pads_begin == g.pads_end) return convolve(in[0], in[1], bias, g, groups);
    const at::Tensor x = padded(in[0], g, 0);
    g.pads_begin = g.pads_end = Ints(kSpatial, 0);
    return convolve(x, in[1], bias, g, groups);
  };
}

/// Computes without padding and then removes the padded area. Elements that output_padding adds beyond the last window
/// contain only the bias.
Operation conv_transpose(const graph::Graph&, const Node& node) {
  if (node.attribute("auto_pad", "NOTSET") != "NOTSET" || node.attributes.contains("output_shape")) {
    throw Error(ErrorKind::kUnsupported, graph::describe(node), "only explicit pads can be trained");
  }
  const auto attribute = [&](const char* name, std::int64_t otherwise, std::size_t count) {
    return node.attribute(name, Ints(count, otherwise));
  };
  return [groups = node.attribute("group", std::int64_t{1}), strides = attribute("strides", 1, kSpatial),
          dilations = attribute("dilations", 1, kSpatial), pads = attribute("pads", 0, 2 * kSpatial),
          more = attribute("output_padding", 0, kSpatial), node](Inputs in, bool) {
    if (in[0].dim() != 2 + kSpatial) {
      throw Error(ErrorKind::kUnsupported, graph::describe(node), "only windows over two dimensions can be trained");
    }
    const c10::optional<at::Tensor> bias = in.size() > 2 ? c10::make_optional(in[2]) : c10::nullopt;
    const at::Tensor y = at::conv_transpose2d(in[0], in[1], {}, strides, Ints{0, 0}, Ints{0, 0}, groups, dilations);
    const at::Tensor cut = at::constant_pad_nd(y, Ints{-pads[1], more[1] - pads[3], -pads[0], more[0] - pads[2]}, 0);
    return bias ? cut + bias->view({-1, 1, 1}) : cut;
  };
}

Operation max_pool(const graph::Graph&, const Node& node) {
  return [node, kernel = node.attribute("kernel_shape", Ints{}),
          ceil = node.attribute("ceil_mode", std::int64_t{0}) != 0](Inputs in, bool) {
    const WindowGeometry g = geometry_over(in[0], node, kernel);
    if (suits_libtorch(g)) return at::max_pool2d(in[0], kernel, g.strides, g.pads_begin, g.dilations, ceil);
    constexpr double kNothing = -std::numeric_limits<double>::infinity();
    const at::Tensor x = until_the_end(padded(in[0], g, kNothing), g, kNothing);
    return at::max_pool2d(x, kernel, g.strides, Ints{0, 0}, g.dilations);
  };
}

Operation average_pool(const graph::Graph&, const Node& node) {
  return
      [node, kernel = node.attribute("kernel_shape", Ints{}), ceil = node.attribute("ceil_mode", std::int64_t{0}) != 0,
       include_padding = node.attribute("count_include_pad", std::int64_t{0}) != 0](Inputs in, bool) {
        const WindowGeometry g = geometry_over(in[0], node, kernel);
        if (suits_libtorch(g) && g.dilations == Ints{1, 1}) {
          return at::avg_pool2d(in[0], kernel, g.strides, g.pads_begin, ceil, include_padding);
        }
        const at::Tensor inside = at::ones({1, 1, in[0].size(2), in[0].size(3)}, in[0].options());
        const at::Tensor counted = until_the_end(padded(inside, g, include_padding ? 1 : 0), g, 0);
        return window_sums(until_the_end(padded(in[0], g, 0), g, 0), g) / window_sums(counted, g);
      };
}

}  // namespace einet::train
