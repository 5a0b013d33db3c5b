#include <limits>

#include "lowering/lower.h"

namespace einet::exec {
namespace {

// Element by element, wherever they are.
void activate(Lowering& to, const graph::Node& node, Activation activation) {
  Located x = to.located(node, 0);
  const graph::Shape memory = to.describe(x.value).shape;
  to.emit(node, Elementwise{}, {x.value}, memory, std::move(x.arrangement), activation);
}

void relu(Lowering& to, const graph::Node& node) { activate(to, node, {Activation::kRelu, 0.0f, 0.0f}); }

void leaky_relu(Lowering& to, const graph::Node& node) {
  activate(to, node, {Activation::kLeakyRelu, node.attribute("alpha", 0.01f), 0.0f});
}

void clip(Lowering& to, const graph::Node& node) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  const float low = to.has(node, 1) ? to.constant(node, 1).floats().front() : -kLargest;
  const float high = to.has(node, 2) ? to.constant(node, 2).floats().front() : kLargest;
  activate(to, node, {Activation::kClip, low, high});
}

void sigmoid(Lowering& to, const graph::Node& node) { activate(to, node, {Activation::kSigmoid, 0.0f, 0.0f}); }

void tanh(Lowering& to, const graph::Node& node) { activate(to, node, {Activation::kTanh, 0.0f, 0.0f}); }

void elu(Lowering& to, const graph::Node& node) {
  activate(to, node, {Activation::kElu, node.attribute("alpha", 1.0f), 0.0f});
}

void hard_sigmoid(Lowering& to, const graph::Node& node) {
  activate(to, node, {Activation::kHardSigmoid, node.attribute("alpha", 0.2f), node.attribute("beta", 0.5f)});
}

void hard_swish(Lowering& to, const graph::Node& node) { activate(to, node, {Activation::kHardSwish, 0.0f, 0.0f}); }

}  // namespace

const Rules& elementwise_rules() {
  static const Rules rules = {
      {"Relu", relu}, {"LeakyRelu", leaky_relu},     {"Clip", clip},           {"Sigmoid", sigmoid}, {"Tanh", tanh},
      {"Elu", elu},   {"HardSigmoid", hard_sigmoid}, {"HardSwish", hard_swish}};
  return rules;
}

}  // namespace einet::exec
