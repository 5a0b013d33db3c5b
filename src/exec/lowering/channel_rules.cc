#include <cmath>

#include "einet/graph/axis.h"
#include "kernels/window.h"
#include "lowering/lower.h"

namespace einet::exec {
namespace {

void batch_normalization(Lowering& to, const graph::Node& node) {
  const auto &gamma = to.constant(node, 1).floats(), &beta = to.constant(node, 2).floats();
  const auto &mean = to.constant(node, 3).floats(), &variance = to.constant(node, 4).floats();
  const double epsilon = node.attribute("epsilon", 1e-5f);
  Affine affine;
  for (std::size_t c = 0; c < gamma.size(); ++c) {
    const double scale = gamma[c] / std::sqrt(variance[c] + epsilon);
    affine.scale.push_back(static_cast<float>(scale));
    affine.shift.push_back(static_cast<float>(beta[c] - mean[c] * scale));
  }
  to.emit_along(node, 1, std::move(affine), {to.along(node, 0, 1)});
}

void lrn(Lowering& to, const graph::Node& node) {
  const std::int64_t size = node.attribute("size", std::int64_t{1});
  if (size > kMostNeighbours) {
    Lowering::unsupported(node, "a size above " + std::to_string(kMostNeighbours) + " is not supported");
  }
  const Lrn lrn{size, node.attribute("alpha", 0.0001f), node.attribute("beta", 0.75f), node.attribute("bias", 1.0f)};
  to.emit_along(node, 1, lrn, {to.image(node, 0)});
}

void softmax(Lowering& to, const graph::Node& node) {
  const std::size_t axis = graph::counted_axis(node, node.attribute("axis", std::int64_t{-1}), to.shape(node).size());
  to.emit_along(node, axis, Softmax{}, {to.along(node, 0, axis)});
}

void concat(Lowering& to, const graph::Node& node) {
  const std::size_t axis = graph::counted_axis(node, node.attribute("axis", std::int64_t{0}), to.shape(node).size());
  std::vector<int> inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) inputs.push_back(to.along(node, i, axis));
  to.emit_along(node, axis, Concat{}, std::move(inputs));
}

}  // namespace

const Rules& channel_rules() {
  static const Rules rules = {
      {"BatchNormalization", batch_normalization}, {"LRN", lrn}, {"Softmax", softmax}, {"Concat", concat}};
  return rules;
}

}  // namespace einet::exec
