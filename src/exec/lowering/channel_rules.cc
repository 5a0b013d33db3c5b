#include <cmath>

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
  to.emit(node, std::move(affine), {to.value(node, 0)});
}

void lrn(Lowering& to, const graph::Node& node) {
  const int x = to.value(node, 0);
  const std::int64_t size = node.attribute("size", std::int64_t{1});
  if (size > kMostNeighbours) {
    Lowering::unsupported(node, "a size above " + std::to_string(kMostNeighbours) + " is not supported");
  }
  to.emit(node,
          Lrn{size, node.attribute("alpha", 0.0001f), node.attribute("beta", 0.75f), node.attribute("bias", 1.0f)},
          {x});
}

// Whether `axis` is the channel dimension, which is the innermost one in memory.
bool is_channels(std::int64_t axis, const graph::Shape& shape) {
  return axis == 1 || axis + static_cast<std::int64_t>(shape.size()) == 1;
}

void softmax(Lowering& to, const graph::Node& node) {
  const int x = to.value(node, 0);
  if (!is_channels(node.attribute("axis", std::int64_t{-1}), to.describe(x).shape)) {
    Lowering::unsupported(node, "only a softmax over the channels is supported");
  }
  to.emit(node, Softmax{}, {x});
}

void concat(Lowering& to, const graph::Node& node) {
  std::vector<int> inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) inputs.push_back(to.value(node, i));
  if (!is_channels(node.attribute("axis", std::int64_t{1}), to.describe(inputs.front()).shape)) {
    Lowering::unsupported(node, "only a concatenation along the channels is supported");
  }
  to.emit(node, Concat{}, std::move(inputs));
}

}  // namespace

const Rules& channel_rules() {
  static const Rules rules = {
      {"BatchNormalization", batch_normalization}, {"LRN", lrn}, {"Softmax", softmax}, {"Concat", concat}};
  return rules;
}

}  // namespace einet::exec
