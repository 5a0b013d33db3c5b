#include <algorithm>

#include "graph/axis.h"
#include "graph/operators/operator.h"

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
  // A damaged or diverged network would return NaN.
  if (const Tensor* variance = at.constant(4)) {
    if (!variance->is_float() || std::ranges::any_of(variance->floats(), [](float value) { return !(value >= 0); })) {
      at.invalid("the variance '" + at.node.inputs[4] + "' has a negative value");
    }
  }
  return x;
}

void check_parameter(const Application& at, std::size_t i, const Shape& wanted) {
  if (at.has(i) && at.shape(i) != wanted) {
    at.invalid("parameter " + to_string(at.shape(i)) + " instead of " + to_string(wanted));
  }
}

// X, scale and optional bias of the normalised dimensions -> X's shape
Shape layer_normalization(const Application& at) {
  const Shape& x = at.shape(0);
  const std::size_t axis = counted_axis(at.node, at.node.attribute("axis", std::int64_t{-1}), x.size());
  const Shape normalized(x.begin() + static_cast<std::ptrdiff_t>(axis), x.end());
  check_parameter(at, 1, normalized);
  check_parameter(at, 2, normalized);
  return x;
}

// X [N,C,...], scale and bias [C] -> [N,C,...]
Shape channel_normalization(const Application& at) {
  const Shape& x = at.shape(0);
  if (x.size() < 3) at.invalid("needs an input [N,C,spatial...], not " + to_string(x));
  check_parameter(at, 1, {x[1]});
  check_parameter(at, 2, {x[1]});
  const std::int64_t groups = at.node.attribute("num_groups", std::int64_t{1});
  if (groups < 1 || x[1] % groups != 0) {
    at.invalid("cannot divide " + std::to_string(x[1]) + " channels into " + std::to_string(groups) + " groups");
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
      {"LogSoftmax", 1, 1, {"axis"}, softmax},
      {"LayerNormalization", 2, 3, {"axis", "epsilon"}, layer_normalization},
      {"InstanceNormalization", 3, 3, {"epsilon"}, channel_normalization},
      {"GroupNormalization", 3, 3, {"epsilon", "num_groups"}, channel_normalization},
  };
  return operators;
}

}  // namespace einet::graph
