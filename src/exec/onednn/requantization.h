#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "exec/lowering/network.h"

namespace einet::exec {

/// A layer on bytes, in real numbers: activation(sum of (q - zero) * scale * weight + bias + residual), rounded to the
/// output's grid if it has one.
struct Int8Layer {
  graph::Grid input;
  std::vector<float> weight_scales = {};  ///< By output channel; not 0.
  std::vector<float> bias = {};           ///< By output channel.
  bool has_residual = false;
  std::optional<graph::Grid> residual = {};  ///< Empty: floats.
  Activation activation = {};
  std::optional<graph::Grid> output = {};  ///< Empty: floats.
};

struct AddResidual {};  ///< As stored: bytes as their integers.
struct Linearly {       ///< factor * y + shift.
  float factor, shift;
};
struct Clipped {
  float low, high;
};
using Int8PostOp = std::variant<AddResidual, Linearly, Activation, Clipped>;

/// The same as a library computes it: (sum of (q - zero) * integer weight + bias) * scale, by output channel, then
/// `post_ops`, then rounding to the nearest integer, ties to even, and saturation if the output has a grid.
struct Requantization {
  std::vector<float> scales, bias;
  std::vector<Int8PostOp> post_ops;
};

/// As few post-ops as possible: bounds that saturation implies need none, for example ReLU if the zero point is 0.
Requantization requantization(const Int8Layer& layer);

}  // namespace einet::exec
