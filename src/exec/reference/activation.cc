#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "exec/reference/broadcast.h"
#include "exec/reference/loop.h"

namespace einet::exec {
namespace {

template <class Function>
Loop each(const Operands& o, Function function) {
  return [=, count = graph::element_count(o.output)](std::span<const float* const> in, float* out) {
    for (std::int64_t i = 0; i < count; ++i) out[i] = function(in[0][i]);
  };
}

Loop relu(const Operands& o) {
  return each(o, [](float x) { return std::max(x, 0.0f); });
}

Loop leaky_relu(const Operands& o) {
  return each(o, [alpha = o.node.attribute("alpha", 0.01f)](float x) { return x < 0.0f ? alpha * x : x; });
}

// The slope below zero is separate for every channel, or element.
Loop prelu(const Operands& o) {
  const auto strides = broadcast_strides(o.inputs[1], o.output);
  return [=, y = o.output, count = graph::element_count(o.output)](std::span<const float* const> in, float* out) {
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t slope = 0, rest = i;
      for (std::size_t d = y.size(); d-- > 0; rest /= y[d]) slope += rest % y[d] * strides[d];
      out[i] = in[0][i] < 0.0f ? in[0][i] * in[1][slope] : in[0][i];
    }
  };
}

Loop elu(const Operands& o) {
  return each(o, [alpha = o.node.attribute("alpha", 1.0f)](float x) { return x < 0.0f ? alpha * std::expm1(x) : x; });
}

Loop hard_sigmoid(const Operands& o) {
  const float alpha = o.node.attribute("alpha", 0.2f), beta = o.node.attribute("beta", 0.5f);
  return each(o, [=](float x) { return std::clamp(alpha * x + beta, 0.0f, 1.0f); });
}

Loop hard_swish(const Operands& o) {
  return each(o, [](float x) { return x * std::clamp(x / 6.0f + 0.5f, 0.0f, 1.0f); });
}

Loop clip(const Operands& o) {
  return [count = graph::element_count(o.output), has_low = o.has(1), has_high = o.has(2)](
             std::span<const float* const> in, float* out) {
    const float low = has_low ? *in[1] : -std::numeric_limits<float>::infinity();
    const float high = has_high ? *in[2] : std::numeric_limits<float>::infinity();
    for (std::int64_t i = 0; i < count; ++i) out[i] = std::min(std::max(in[0][i], low), high);
  };
}

Loop swish(const Operands& o) {
  const float alpha = o.node.attribute("alpha", 1.0f);
  return each(o, [alpha](float x) { return x / (1.0f + std::exp(-alpha * x)); });
}

Loop sigmoid(const Operands& o) {
  return each(o, [](float x) { return 1.0f / (1.0f + std::exp(-x)); });
}

Loop tanh(const Operands& o) {
  return each(o, [](float x) { return std::tanh(x); });
}

Loop erf(const Operands& o) {
  return each(o, [](float x) { return std::erf(x); });
}
Loop exp(const Operands& o) {
  return each(o, [](float x) { return std::exp(x); });
}
Loop log(const Operands& o) {
  return each(o, [](float x) { return std::log(x); });
}
Loop sqrt(const Operands& o) {
  return each(o, [](float x) { return std::sqrt(x); });
}
Loop abs(const Operands& o) {
  return each(o, [](float x) { return std::abs(x); });
}
Loop neg(const Operands& o) {
  return each(o, [](float x) { return -x; });
}
Loop reciprocal(const Operands& o) {
  return each(o, [](float x) { return 1.0f / x; });
}

// log(1 + exp(x)) without overflow
double softplus_of(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

Loop softplus(const Operands& o) {
  return each(o, [](float x) { return static_cast<float>(softplus_of(x)); });
}
Loop mish(const Operands& o) {
  return each(o, [](float x) { return static_cast<float>(x * std::tanh(softplus_of(x))); });
}

Loop gelu(const Operands& o) {
  if (o.node.attribute("approximate", "none") == "tanh") {
    return each(o, [](double x) {
      const double cubic = x + 0.044715 * x * x * x;
      return static_cast<float>(0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / std::numbers::pi) * cubic)));
    });
  }
  return each(o, [](double x) { return static_cast<float>(0.5 * x * (1.0 + std::erf(x / std::numbers::sqrt2))); });
}

Loop floor(const Operands& o) {
  return each(o, [](float x) { return std::floor(x); });
}
Loop ceil(const Operands& o) {
  return each(o, [](float x) { return std::ceil(x); });
}
// Ties to even, the default rounding mode of programs.
Loop round(const Operands& o) {
  return each(o, [](float x) { return std::nearbyint(x); });
}
Loop sign(const Operands& o) {
  return each(o, [](float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x; });
}
Loop sin(const Operands& o) {
  return each(o, [](float x) { return std::sin(x); });
}
Loop cos(const Operands& o) {
  return each(o, [](float x) { return std::cos(x); });
}
Loop negate(const Operands& o) {
  return each(o, [](float x) { return x == 0.0f ? 1.0f : 0.0f; });
}

// Also Dropout, which has an effect only in training.
Loop fake_quantize(const Operands& o) {
  return each(o, [grid = graph::grid_of(o.node)](float x) { return dequantized(quantized(x, grid), grid); });
}

Loop identity(const Operands& o) {
  return each(o, [](float x) { return x; });
}

}  // namespace

const LoopMakers& activation_loops() {
  static const LoopMakers makers = {{"Relu", relu},
                                    {"LeakyRelu", leaky_relu},
                                    {"PRelu", prelu},
                                    {"Elu", elu},
                                    {"HardSigmoid", hard_sigmoid},
                                    {"HardSwish", hard_swish},
                                    {"Swish", swish},
                                    {"Clip", clip},
                                    {"Sigmoid", sigmoid},
                                    {"Tanh", tanh},
                                    {"FakeQuantize", fake_quantize},
                                    {"Identity", identity},
                                    {"Dropout", identity},
                                    {"Erf", erf},
                                    {"Exp", exp},
                                    {"Log", log},
                                    {"Sqrt", sqrt},
                                    {"Abs", abs},
                                    {"Neg", neg},
                                    {"Reciprocal", reciprocal},
                                    {"Softplus", softplus},
                                    {"Mish", mish},
                                    {"Gelu", gelu},
                                    {"Floor", floor},
                                    {"Ceil", ceil},
                                    {"Round", round},
                                    {"Sign", sign},
                                    {"Sin", sin},
                                    {"Cos", cos},
                                    {"Not", negate}};
  return makers;
}

}  // namespace einet::exec
