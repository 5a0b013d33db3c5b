#include <algorithm>
#include <cmath>

#include "reference/broadcast.h"
#include "reference/loop.h"

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

}  // namespace

const LoopMakers& arithmetic_loops() {
  static const LoopMakers makers = {{"Add", add}, {"Sub", sub}, {"Mul", mul}, {"Div", div},
                                    {"Pow", pow}, {"Max", max}, {"Min", min}};
  return makers;
}

}  // namespace einet::exec
