#include <limits>

#include "lowering/lower.h"

namespace einet::exec {
namespace {

void relu(Lowering& to, const graph::Node& node) {
  to.emit(node, Elementwise{}, {to.value(node, 0, false)}, {Activation::kRelu, 0.0f, 0.0f});
}

void leaky_relu(Lowering& to, const graph::Node& node) {
  const float alpha = node.attribute("alpha", 0.01f);
  to.emit(node, Elementwise{}, {to.value(node, 0, false)}, {Activation::kLeakyRelu, alpha, 0.0f});
}

void clip(Lowering& to, const graph::Node& node) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  const float low = to.has(node, 1) ? to.constant(node, 1).floats().front() : -kLargest;
  const float high = to.has(node, 2) ? to.constant(node, 2).floats().front() : kLargest;
  to.emit(node, Elementwise{}, {to.value(node, 0, false)}, {Activation::kClip, low, high});
}

void sigmoid(Lowering& to, const graph::Node& node) {
  to.emit(node, Elementwise{}, {to.value(node, 0, false)}, {Activation::kSigmoid, 0.0f, 0.0f});
}

void tanh(Lowering& to, const graph::Node& node) {
  to.emit(node, Elementwise{}, {to.value(node, 0, false)}, {Activation::kTanh, 0.0f, 0.0f});
}

// A constant that is one number, or one per channel of `x`, spread over the channels; else nothing.
std::vector<float> per_channel(const graph::Tensor& constant, const Value& x) {
  const auto size = static_cast<std::int64_t>(constant.floats().size());
  if (size == 1) return std::vector<float>(static_cast<std::size_t>(x.channels()), constant.floats().front());
  // Aligned at the last dimension, as NumPy broadcasts: the channels are the third from the back of an image.
  const std::size_t back = x.shape.size() - 1;
  const bool fits = size == x.channels() && constant.shape.size() >= back && constant.shape.size() <= x.shape.size() &&
                    constant.shape[constant.shape.size() - back] == x.channels();
  return fits ? constant.floats() : std::vector<float>{};
}

void arithmetic(Lowering& to, const graph::Node& node, Binary::Kind kind) {
  if (!to.is_constant(node, 0) && !to.is_constant(node, 1)) {
    const int a = to.value(node, 0), b = to.value(node, 1);
    if (to.describe(a).shape != to.describe(b).shape) {
      Lowering::unsupported(node, "shapes " + graph::to_string(to.describe(a).shape) + " and " +
                                      graph::to_string(to.describe(b).shape) + " differ; only constants broadcast");
    }
    to.emit(node, Binary{kind}, {a, b});
    return;
  }
  const std::size_t at = to.is_constant(node, 0) ? 0 : 1;
  if (to.is_constant(node, 1 - at)) Lowering::unsupported(node, "reads nothing but constants");
  const int x = to.value(node, 1 - at);
  const Value& value = to.describe(x);
  const std::vector<float> constant = per_channel(to.constant(node, at), value);
  if (constant.empty() || to.shape(node.outputs.front()) != value.shape) {
    Lowering::unsupported(node, "a constant of shape " + graph::to_string(to.constant(node, at).shape) +
                                    " is neither one number nor one per channel");
  }
  const std::vector<float> ones(constant.size(), 1.0f), zeros(constant.size(), 0.0f);
  Affine affine{ones, constant};
  if (kind == Binary::kMul) affine = {constant, zeros};
  if (kind == Binary::kSub && at == 0) affine = {std::vector<float>(constant.size(), -1.0f), constant};
  if (kind == Binary::kSub && at == 1) {
    for (float& shift : affine.shift) shift = -shift;
  }
  to.emit(node, std::move(affine), {x});
}

void add(Lowering& to, const graph::Node& node) { arithmetic(to, node, Binary::kAdd); }
void sub(Lowering& to, const graph::Node& node) { arithmetic(to, node, Binary::kSub); }
void mul(Lowering& to, const graph::Node& node) { arithmetic(to, node, Binary::kMul); }

}  // namespace

const Rules& elementwise_rules() {
  static const Rules rules = {{"Relu", relu}, {"LeakyRelu", leaky_relu},
                              {"Clip", clip}, {"Sigmoid", sigmoid},
                              {"Tanh", tanh}, {"Add", add},
                              {"Sub", sub},   {"Mul", mul}};
  return rules;
}

}  // namespace einet::exec
