#include <limits>
#include <utility>

#include "exec/lowering/lower.h"

namespace einet::exec {
namespace {

// Element by element, in any arrangement.
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

void swish(Lowering& to, const graph::Node& node) {
  activate(to, node, {Activation::kSwish, node.attribute("alpha", 1.0f), 0.0f});
}

void hard_swish(Lowering& to, const graph::Node& node) { activate(to, node, {Activation::kHardSwish, 0.0f, 0.0f}); }

template <Activation::Kind kKind>
void function(Lowering& to, const graph::Node& node) {
  activate(to, node, {kKind, 0.0f, 0.0f});
}

void gelu(Lowering& to, const graph::Node& node) {
  const bool with_tanh = node.attribute("approximate", "none") == "tanh";
  activate(to, node, {with_tanh ? Activation::kGeluTanh : Activation::kGelu, 0.0f, 0.0f});
}

// Nothing to do for a value of the same grid, such as a maximum of such values.
void fake_quantize(Lowering& to, const graph::Node& node) {
  const graph::Grid grid = graph::grid_of(node);
  if (Located x = to.source(node, 0); to.describe(x.value).grid == grid) return to.pass(node, std::move(x));
  Located x = to.located(node, 0);
  const graph::Shape memory = to.describe(x.value).shape;
  to.emit(node, Quantize{}, {x.value}, memory, std::move(x.arrangement));
  to.set_grid(node, grid);
}

// An Affine, which can be folded into convolutions.
void negate(Lowering& to, const graph::Node& node) {
  Located x = to.located(node, 0);
  const graph::Shape memory = to.describe(x.value).shape;
  const auto channels = static_cast<std::size_t>(memory[1]);
  Affine affine{std::vector<float>(channels, -1.0f), std::vector<float>(channels, 0.0f)};
  to.emit(node, std::move(affine), {x.value}, memory, std::move(x.arrangement));
}

}  // namespace

const Rules& elementwise_rules() {
  static const Rules rules = {{"Relu", relu},
                              {"LeakyRelu", leaky_relu},
                              {"Clip", clip},
                              {"Sigmoid", sigmoid},
                              {"Tanh", tanh},
                              {"Elu", elu},
                              {"HardSigmoid", hard_sigmoid},
                              {"HardSwish", hard_swish},
                              {"Swish", swish},
                              {"Gelu", gelu},
                              {"FakeQuantize", fake_quantize},
                              {"Neg", negate},
                              {"Mish", function<Activation::kMish>},
                              {"Erf", function<Activation::kErf>},
                              {"Exp", function<Activation::kExp>},
                              {"Log", function<Activation::kLog>},
                              {"Sqrt", function<Activation::kSqrt>},
                              {"Abs", function<Activation::kAbs>},
                              {"Reciprocal", function<Activation::kReciprocal>},
                              {"Softplus", function<Activation::kSoftplus>},
                              {"Floor", function<Activation::kFloor>},
                              {"Ceil", function<Activation::kCeil>},
                              {"Round", function<Activation::kRound>},
                              {"Sign", function<Activation::kSign>},
                              {"Sin", function<Activation::kSin>},
                              {"Cos", function<Activation::kCos>},
                              {"Not", function<Activation::kNot>}};
  return rules;
}

}  // namespace einet::exec
