#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "exec/reference/broadcast.h"
#include "exec/reference/loop.h"

namespace einet::exec {
namespace {

template <class Combine>
Loop elementwise(const Operands& o, Combine combine) {
  const auto a = broadcast_strides(o.inputs[0], o.output);
  const auto b = broadcast_strides(o.inputs[1], o.output);
  return [=, y = o.output, count = graph::element_count(o.output)](std::span<const float* const> in, float* out) {
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t at_a = 0, at_b = 0, rest = i;
      for (std::size_t d = y.size(); d-- > 0; rest /= y[d]) {
        at_a += rest % y[d] * a[d];
        at_b += rest % y[d] * b[d];
      }
      out[i] = combine(in[0][at_a], in[1][at_b]);
    }
  };
}

Loop add(const Operands& o) {
  return elementwise(o, [](float a, float b) { return a + b; });
}
Loop sub(const Operands& o) {
  return elementwise(o, [](float a, float b) { return a - b; });
}
Loop mul(const Operands& o) {
  return elementwise(o, [](float a, float b) { return a * b; });
}

Loop div(const Operands& o) {
  return elementwise(o, [](float a, float b) { return a / b; });
}

Loop pow(const Operands& o) {
  return elementwise(o, [](float a, float b) { return std::pow(a, b); });
}
Loop max(const Operands& o) {
  return elementwise(o, [](float a, float b) { return std::max(a, b); });
}
Loop min(const Operands& o) {
  return elementwise(o, [](float a, float b) { return std::min(a, b); });
}

// With the sign of the divisor, as in Python; with fmod, that of the dividend, as in C.
Loop mod(const Operands& o) {
  if (o.node.attribute("fmod", std::int64_t{0}) != 0) {
    return elementwise(o, [](float a, float b) { return std::fmod(a, b); });
  }
  return elementwise(o, [](float a, float b) {
    const float rest = std::fmod(a, b);
    return rest != 0.0f && (rest < 0.0f) != (b < 0.0f) ? rest + b : rest;
  });
}

template <class Holds>
Loop comparison(const Operands& o, Holds holds) {
  return elementwise(o, [=](float a, float b) { return holds(a, b) ? 1.0f : 0.0f; });
}
Loop equal(const Operands& o) { return comparison(o, std::equal_to<>()); }
Loop greater(const Operands& o) { return comparison(o, std::greater<>()); }
Loop greater_or_equal(const Operands& o) { return comparison(o, std::greater_equal<>()); }
Loop less(const Operands& o) { return comparison(o, std::less<>()); }
Loop less_or_equal(const Operands& o) { return comparison(o, std::less_equal<>()); }
Loop logical_and(const Operands& o) {
  return comparison(o, [](float a, float b) { return a != 0.0f && b != 0.0f; });
}
Loop logical_or(const Operands& o) {
  return comparison(o, [](float a, float b) { return a != 0.0f || b != 0.0f; });
}
Loop logical_xor(const Operands& o) {
  return comparison(o, [](float a, float b) { return (a != 0.0f) != (b != 0.0f); });
}

Loop where(const Operands& o) {
  std::vector<std::vector<std::int64_t>> strides;
  for (const graph::Shape& shape : o.inputs) strides.push_back(broadcast_strides(shape, o.output));
  return [=, y = o.output, count = graph::element_count(o.output)](std::span<const float* const> in, float* out) {
    for (std::int64_t i = 0; i < count; ++i) {
      std::array<std::int64_t, 3> at = {0, 0, 0};
      std::int64_t rest = i;
      for (std::size_t d = y.size(); d-- > 0; rest /= y[d]) {
        for (std::size_t k = 0; k < at.size(); ++k) at[k] += rest % y[d] * strides[k][d];
      }
      out[i] = in[0][at[0]] != 0.0f ? in[1][at[1]] : in[2][at[2]];
    }
  };
}

}  // namespace

const LoopMakers& arithmetic_loops() {
  static const LoopMakers makers = {{"Add", add},
                                    {"Sub", sub},
                                    {"Mul", mul},
                                    {"Div", div},
                                    {"Pow", pow},
                                    {"Max", max},
                                    {"Min", min},
                                    {"Mod", mod},
                                    {"Equal", equal},
                                    {"Greater", greater},
                                    {"GreaterOrEqual", greater_or_equal},
                                    {"Less", less},
                                    {"LessOrEqual", less_or_equal},
                                    {"And", logical_and},
                                    {"Or", logical_or},
                                    {"Xor", logical_xor},
                                    {"Where", where}};
  return makers;
}

}  // namespace einet::exec
