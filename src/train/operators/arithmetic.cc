#include "train/operators/families.h"

namespace einet::train {
namespace {

using T = const at::Tensor&;

template <class Function>
Compiler both(Function function) {
  return [function](const graph::Graph&, const graph::Node&) -> Operation {
    return [function](std::span<const at::Tensor> in, bool) { return function(in[0], in[1]); };
  };
}

/// Truth values are the floats 0 and 1 and have no gradient.
template <class Function>
Compiler truth(Function function) {
  return both([function](T a, T b) { return function(a, b).to(at::kFloat); });
}

/// The remainder with the sign of the divisor, or with fmod that of the dividend.
Operation mod(const graph::Graph&, const graph::Node& node) {
  return [fmod = node.attribute("fmod", std::int64_t{0}) != 0](std::span<const at::Tensor> in, bool) {
    return fmod ? at::fmod(in[0], in[1]) : at::remainder(in[0], in[1]);
  };
}

Operation where(const graph::Graph&, const graph::Node&) {
  return [](std::span<const at::Tensor> in, bool) { return at::where(in[0] != 0, in[1], in[2]); };
}

}  // namespace

const Compilers& arithmetic_operators() {
  static const Compilers operators = {
      {"Add", both([](T a, T b) { return a + b; })},
      {"And", truth([](T a, T b) { return at::logical_and(a, b); })},
      {"Div", both([](T a, T b) { return a / b; })},
      {"Equal", truth([](T a, T b) { return at::eq(a, b); })},
      {"Greater", truth([](T a, T b) { return at::gt(a, b); })},
      {"GreaterOrEqual", truth([](T a, T b) { return at::ge(a, b); })},
      {"Less", truth([](T a, T b) { return at::lt(a, b); })},
      {"LessOrEqual", truth([](T a, T b) { return at::le(a, b); })},
      {"Max", both([](T a, T b) { return at::maximum(a, b); })},
      {"Min", both([](T a, T b) { return at::minimum(a, b); })},
      {"Mod", mod},
      {"Mul", both([](T a, T b) { return a * b; })},
      {"Or", truth([](T a, T b) { return at::logical_or(a, b); })},
      {"Pow", both([](T a, T b) { return at::pow(a.to(at::kFloat), b); })},
      {"Sub", both([](T a, T b) { return a - b; })},
      {"Where", where},
      {"Xor", truth([](T a, T b) { return at::logical_xor(a, b); })},
  };
  return operators;
}

}  // namespace einet::train
