#include <algorithm>
#include <utility>

#include "exec/lowering/lower.h"

namespace einet::exec {
namespace {

graph::WindowGeometry as_image(graph::WindowGeometry g) {
  if (g.kernel.size() != 1) return g;
  for (auto* list : {&g.kernel, &g.strides, &g.dilations, &g.output}) list->insert(list->begin(), 1);
  for (auto* list : {&g.pads_begin, &g.pads_end}) list->insert(list->begin(), 0);
  return g;
}

// The windows over [N,C,H,W], or over [N,C,L] as an image of height 1.
graph::WindowGeometry geometry(const Lowering& to, const graph::Node& node, const std::vector<std::int64_t>& kernel) {
  const graph::Shape& x = to.shape(node, 0);
  if (x.size() > 4)
    Lowering::unsupported(node, "only images [N,C,H,W] and rows [N,C,L] are supported, not " + graph::to_string(x));
  return as_image(graph::window_geometry(node, x, kernel));
}

void conv(Lowering& to, const graph::Node& node) {
  graph::Tensor weights = to.constant(node, 1);
  const graph::WindowGeometry window = geometry(to, node, {weights.shape.begin() + 2, weights.shape.end()});
  if (weights.shape.size() == 3) weights.shape.insert(weights.shape.begin() + 2, 1);
  Convolution conv{window, node.attribute("group", std::int64_t{1}), std::move(weights), {}};
  conv.bias.assign(static_cast<std::size_t>(conv.weights.shape[0]), 0.0f);
  if (to.has(node, 2)) conv.bias = to.constant(node, 2).floats();
  conv.scales = to.weight_scales(node, 1, 0, conv.weights.shape[0]);
  to.emit_along(node, 1, std::move(conv), {to.image(node, 0)});
}

// Converts the weights [C,M/groups,kh,kw] of a transposed convolution to the weights [M,C/groups,kh,kw] of the
// equivalent convolution of the dilated input: rotated by 180 degrees.
graph::Tensor turned(const graph::Tensor& weights, std::int64_t groups) {
  const graph::Shape& w = weights.shape;
  const std::int64_t in_group = w[0] / groups, out_group = w[1], area = w[2] * w[3];
  std::vector<float> result(weights.floats().size());
  for (std::int64_t c = 0; c < w[0]; ++c) {
    for (std::int64_t m = 0; m < out_group; ++m) {
      const auto from = weights.floats().begin() + (c * out_group + m) * area;
      const std::int64_t row = c / in_group * out_group + m;
      std::reverse_copy(from, from + area, result.begin() + (row * in_group + c % in_group) * area);
    }
  }
  return graph::Tensor({groups * out_group, in_group, w[2], w[3]}, std::move(result));
}

// A convolution of the input with zeros inserted between and around its elements, such that every window for an element
// of the result is inside.
void conv_transpose(Lowering& to, const graph::Node& node) {
  const graph::Shape& x = to.shape(node, 0);
  graph::Tensor weights = to.constant(node, 1);
  const graph::WindowGeometry g = graph::transposed_geometry(node, x, {weights.shape.begin() + 2, weights.shape.end()});
  graph::Shape wide = x;
  Positions positions = all_positions(x);
  for (std::size_t d = 0; d + 2 < x.size(); ++d) {
    const std::int64_t reach = (g.kernel[d] - 1) * g.dilations[d], before = reach - g.pads_begin[d];
    wide[d + 2] = g.output[d] + reach;
    positions[d + 2].assign(static_cast<std::size_t>(wide[d + 2]), graph::Selection::kFilled);
    for (std::int64_t i = 0; i < x[d + 2]; ++i) {
      const std::int64_t at = before + i * g.strides[d];
      if (at >= 0 && at < wide[d + 2]) positions[d + 2][static_cast<std::size_t>(at)] = i;
    }
  }
  const auto order = innermost(x.size(), 1);
  const int spread = to.rearranged(node, 0, x, positions, 0.0f, order, memory_along(wide, 1));
  const std::vector<std::int64_t> ones(g.kernel.size(), 1), zeros(g.kernel.size(), 0);
  const std::int64_t groups = node.attribute("group", std::int64_t{1});
  if (weights.shape.size() == 3) weights.shape.insert(weights.shape.begin() + 2, 1);
  Convolution conv{
      as_image({g.kernel, ones, g.dilations, zeros, zeros, g.output}), groups, turned(weights, groups), {}};
  conv.bias.assign(static_cast<std::size_t>(conv.weights.shape[0]), 0.0f);
  if (to.has(node, 2)) conv.bias = to.constant(node, 2).floats();
  to.emit_along(node, 1, std::move(conv), {spread});
}

void pool(Lowering& to, const graph::Node& node, Pool::Kind kind) {
  const auto kernel = node.attribute("kernel_shape", std::vector<std::int64_t>{});
  const bool include_padding = node.attribute("count_include_pad", std::int64_t{0}) != 0;
  const int x = to.image(node, 0);
  to.emit_along(node, 1, Pool{kind, geometry(to, node, kernel), include_padding}, {x});
  if (kind == Pool::kMax) to.set_grid(node, to.describe(x).grid);
}

void max_pool(Lowering& to, const graph::Node& node) { pool(to, node, Pool::kMax); }
void average_pool(Lowering& to, const graph::Node& node) { pool(to, node, Pool::kAverage); }

void global_pool(Lowering& to, const graph::Node& node, Pool::Kind kind) {
  const int x = to.image(node, 0);
  const graph::Shape& shape = to.describe(x).shape;
  const graph::WindowGeometry whole{{shape[2], shape[3]}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {1, 1}};
  to.emit_along(node, 1, Pool{kind, whole, false}, {x});
}

void global_average_pool(Lowering& to, const graph::Node& node) { global_pool(to, node, Pool::kAverage); }
void global_max_pool(Lowering& to, const graph::Node& node) { global_pool(to, node, Pool::kMax); }

}  // namespace

const Rules& window_rules() {
  static const Rules rules = {{"Conv", conv},
                              {"ConvTranspose", conv_transpose},
                              {"MaxPool", max_pool},
                              {"AveragePool", average_pool},
                              {"GlobalAveragePool", global_average_pool},
                              {"GlobalMaxPool", global_max_pool}};
  return rules;
}

}  // namespace einet::exec
