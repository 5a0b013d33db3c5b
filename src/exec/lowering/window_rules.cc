#include "lowering/lower.h"

namespace einet::exec {
namespace {

void conv(Lowering& to, const graph::Node& node) {
  const int x = to.value(node, 0);
  const graph::Tensor& weights = to.constant(node, 1);
  if (to.describe(x).shape.size() != 4) Lowering::unsupported(node, "only images [N,C,H,W] are supported");
  Convolution conv{graph::window_geometry(node, to.describe(x).shape, {weights.shape[2], weights.shape[3]}),
                   node.attribute("group", std::int64_t{1}), weights,
                   std::vector<float>(static_cast<std::size_t>(weights.shape[0]), 0.0f)};
  if (to.has(node, 2)) conv.bias = to.constant(node, 2).floats();
  to.emit(node, std::move(conv), {x});
}

void pool(Lowering& to, const graph::Node& node, Pool::Kind kind) {
  const int x = to.value(node, 0);
  if (to.describe(x).shape.size() != 4) Lowering::unsupported(node, "only images [N,C,H,W] are supported");
  const auto kernel = node.attribute("kernel_shape", std::vector<std::int64_t>{});
  to.emit(node,
          Pool{kind, graph::window_geometry(node, to.describe(x).shape, kernel),
               node.attribute("count_include_pad", std::int64_t{0}) != 0},
          {x});
}

void max_pool(Lowering& to, const graph::Node& node) { pool(to, node, Pool::kMax); }
void average_pool(Lowering& to, const graph::Node& node) { pool(to, node, Pool::kAverage); }

void global_average_pool(Lowering& to, const graph::Node& node) {
  const int x = to.value(node, 0);
  const graph::Shape& shape = to.describe(x).shape;
  if (shape.size() != 4) Lowering::unsupported(node, "only images [N,C,H,W] are supported");
  to.emit(node, Pool{Pool::kAverage, {{shape[2], shape[3]}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {1, 1}}, false}, {x});
}

}  // namespace

const Rules& window_rules() {
  static const Rules rules = {
      {"Conv", conv}, {"MaxPool", max_pool}, {"AveragePool", average_pool}, {"GlobalAveragePool", global_average_pool}};
  return rules;
}

}  // namespace einet::exec
