#include "lowering/lower.h"

namespace einet::exec {
namespace {

// The windows over [N,C,H,W], or over [N,C,L] as an image of height 1.
graph::WindowGeometry geometry(const Lowering& to, const graph::Node& node, const std::vector<std::int64_t>& kernel) {
  const graph::Shape& x = to.shape(node, 0);
  if (x.size() > 4)
    Lowering::unsupported(node, "only images [N,C,H,W] and rows [N,C,L] are supported, not " + graph::to_string(x));
  graph::WindowGeometry g = graph::window_geometry(node, x, kernel);
  if (x.size() == 4) return g;
  for (auto* list : {&g.kernel, &g.strides, &g.dilations, &g.output}) list->insert(list->begin(), 1);
  for (auto* list : {&g.pads_begin, &g.pads_end}) list->insert(list->begin(), 0);
  return g;
}

void conv(Lowering& to, const graph::Node& node) {
  graph::Tensor weights = to.constant(node, 1);
  const graph::WindowGeometry window = geometry(to, node, {weights.shape.begin() + 2, weights.shape.end()});
  if (weights.shape.size() == 3) weights.shape.insert(weights.shape.begin() + 2, 1);
  Convolution conv{window, node.attribute("group", std::int64_t{1}), std::move(weights), {}};
  conv.bias.assign(static_cast<std::size_t>(conv.weights.shape[0]), 0.0f);
  if (to.has(node, 2)) conv.bias = to.constant(node, 2).floats();
  to.emit_along(node, 1, std::move(conv), {to.image(node, 0)});
}

void pool(Lowering& to, const graph::Node& node, Pool::Kind kind) {
  const auto kernel = node.attribute("kernel_shape", std::vector<std::int64_t>{});
  const bool include_padding = node.attribute("count_include_pad", std::int64_t{0}) != 0;
  to.emit_along(node, 1, Pool{kind, geometry(to, node, kernel), include_padding}, {to.image(node, 0)});
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
                              {"MaxPool", max_pool},
                              {"AveragePool", average_pool},
                              {"GlobalAveragePool", global_average_pool},
                              {"GlobalMaxPool", global_max_pool}};
  return rules;
}

}  // namespace einet::exec
