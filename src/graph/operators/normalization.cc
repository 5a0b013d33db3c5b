#include <algorithm>

#include "einet/graph/axis.h"
#include "operators/operator.h"

namespace einet::graph {
namespace {

// X [N,C,...], scale, bias, mean and variance [C] -> [N,C,...]
Shape batch_normalization(const Application& at) {
  const Shape& x = at.shape(0);
  if (x.size() < 2) at.invalid("needs an input [N,C,...], not " + to_string(x));
  for (std::size_t i = 1; i < 5; ++i) {
    if (at.shape(i) != Shape{x[1]}) {
      at.invalid("parameter " + to_string(at.shape(i)) + " instead of [" + std::to_string(x[1]) + "]");
    }
  }
  // A file that was damaged, or trained until it broke, would answer NaN.
  if (const Tensor* variance = at.constant(4)) {
    if (!variance->is_float() || std::ranges::any_of(variance->floats(), [](float value) { return !(value >= 0); })) {
      at.invalid("the variance '" + at.node.inputs[4] + "' holds a negative value");
    }
  }
  return x;
}

Shape lrn(const Application& at) {
  if (at.shape(0).size() < 3) at.invalid("needs an input [N,C,spatial...], not " + to_string(at.shape(0)));
  if (at.node.attribute("size", std::int64_t{0}) < 1) at.invalid("size must be at least 1");
  return at.shape(0);
}

Shape softmax(const Application& at) {
  counted_axis(at.node, at.node.attribute("axis", std::int64_t{-1}), at.shape(0).size());
  return at.shape(0);
}

}  // namespace

const Operators& normalization_operators() {
  static const Operators operators = {
      {"BatchNormalization", 5, 5, {"epsilon", "momentum"}, batch_normalization},
      {"LRN", 1, 1, {"alpha", "beta", "bias", "size"}, lrn},
      {"Softmax", 1, 1, {"axis"}, softmax},
  };
  return operators;
}

}  // namespace einet::graph
