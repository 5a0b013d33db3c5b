#include <limits>

#include "train/batch_part.h"
#include "train/operators/families.h"

namespace einet::train {
namespace {

using graph::Graph;
using graph::Node;
using Inputs = std::span<const at::Tensor>;

Operation leaky_relu(const Graph&, const Node& node) {
  return [slope = node.attribute("alpha", 0.01f)](Inputs in, bool) { return at::leaky_relu(in[0], slope); };
}

/// The slope below zero is trained: one for all, or one for every channel or element.
Operation prelu(const Graph&, const Node&) {
  return [](Inputs in, bool) { return at::where(in[0] < 0, in[0] * in[1], in[0]); };
}

Operation elu(const Graph&, const Node& node) {
  return [alpha = node.attribute("alpha", 1.0f)](Inputs in, bool) { return at::elu(in[0], alpha); };
}

Operation hard_sigmoid(const Graph&, const Node& node) {
  return [alpha = node.attribute("alpha", 0.2f), beta = node.attribute("beta", 0.5f)](Inputs in, bool) {
    return at::clamp(in[0] * alpha + beta, 0, 1);
  };
}

Operation clip(const Graph& graph, const Node& node) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  return [low = scalar(graph, node, 1, -kLargest), high = scalar(graph, node, 2, kLargest)](Inputs in, bool) {
    return at::clamp(in[0], low, high);
  };
}

/// The gradient passes through the rounding, except where the value saturates.
Operation fake_quantize(const Graph&, const Node& node) {
  return [grid = graph::grid_of(node)](Inputs in, bool) {
    const float low = graph::dequantized(grid.low, grid), high = graph::dequantized(grid.high, grid);
    const at::Tensor inside = at::clamp(in[0], low, high);
    const at::Tensor whole = at::clamp(at::round(in[0] / grid.scale) + grid.zero, grid.low, grid.high);
    return inside + ((whole - grid.zero) * grid.scale - inside).detach();
  };
}

Operation gelu(const Graph&, const Node& node) {
  return [form = node.attribute("approximate", "none")](Inputs in, bool) { return at::gelu(in[0], form); };
}

/// Of a batch that several processes share, each draws the mask of the whole batch, so that their number does not
/// matter.
at::Tensor dropout_of_part(const at::Tensor& x, float ratio, const BatchPart& part) {
  const std::int64_t rows = x.size(0) / part.count;  // A value may have several rows per image.
  std::vector<std::int64_t> sizes = x.sizes().vec();
  sizes[0] = part.total * rows;
  const at::Tensor mask = at::empty(sizes, x.options(), x.suggest_memory_format()).bernoulli_(1 - ratio);
  return x * mask.narrow(0, part.first * rows, x.size(0)).div(1 - ratio);
}

Operation dropout(const Graph& graph, const Node& node) {
  return [ratio = scalar(graph, node, 1, 0.5f)](Inputs in, bool training) {
    if (!training || ratio <= 0) return in[0];
    const SharedBatch* shared = SharedBatch::current();
    return shared != nullptr ? dropout_of_part(in[0], ratio, shared->part()) : at::dropout(in[0], ratio, true);
  };
}

Operation swish(const Graph&, const Node& node) {
  return [alpha = node.attribute("alpha", 1.0f)](Inputs in, bool) {
    return alpha == 1.0f ? at::silu(in[0]) : in[0] * at::sigmoid(alpha * in[0]);
  };
}

/// libtorch's softplus() is the identity above its threshold of 20, where the two are equal in float.
at::Tensor softplus(const at::Tensor& x) { return at::softplus(x); }

}  // namespace

const Compilers& activation_operators() {
  using T = const at::Tensor&;
  static const Compilers operators = {
      {"Abs", each([](T x) { return at::abs(x); })},
      {"Ceil", each([](T x) { return at::ceil(x); })},
      {"Clip", clip},
      {"Cos", each_in_float([](T x) { return at::cos(x); })},
      {"Dropout", dropout},
      {"Elu", elu},
      {"Erf", each_in_float([](T x) { return at::erf(x); })},
      {"Exp", each_in_float([](T x) { return at::exp(x); })},
      {"FakeQuantize", fake_quantize},
      {"Floor", each([](T x) { return at::floor(x); })},
      {"Gelu", gelu},
      {"HardSigmoid", hard_sigmoid},
      {"HardSwish", each([](T x) { return at::hardswish(x); })},
      {"Identity", each([](T x) { return x; })},
      {"LeakyRelu", leaky_relu},
      {"Log", each_in_float([](T x) { return at::log(x); })},
      {"Mish", each([](T x) { return at::mish(x); })},
      {"Neg", each([](T x) { return at::neg(x); })},
      {"Not", each([](T x) { return at::eq(x, 0).to(at::kFloat); })},
      {"PRelu", prelu},
      {"Reciprocal", each_in_float([](T x) { return at::reciprocal(x); })},
      {"Relu", each([](T x) { return at::relu(x); })},
      {"Round", each([](T x) { return at::round(x); })},
      {"Sigmoid", each([](T x) { return at::sigmoid(x); })},
      {"Sign", each([](T x) { return at::sign(x); })},
      {"Sin", each_in_float([](T x) { return at::sin(x); })},
      {"Softplus", each_in_float(softplus)},
      {"Sqrt", each_in_float([](T x) { return at::sqrt(x); })},
      {"Swish", swish},
      {"Tanh", each([](T x) { return at::tanh(x); })},
  };
  return operators;
}

}  // namespace einet::train
