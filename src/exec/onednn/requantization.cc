// Everything linear is folded into scales and biases. Up to the residual, numbers are in a unit that makes the next
// step free: that of the residual's grid if it is stored as bytes, that of the output's if there is nothing between,
// otherwise 1. If all scales are powers of two, all results are exact.

#include "exec/onednn/requantization.h"

#include <cmath>

namespace einet::exec {
namespace {

// Bounds in the units of the result, if saturation does not imply them.
std::optional<Clipped> bounds(const Activation& activation, const std::optional<graph::Grid>& output) {
  Clipped clipped{activation.low(), activation.high()};
  if (output) {
    const auto zero = static_cast<float>(output->zero);
    clipped = {clipped.low / output->scale + zero, clipped.high / output->scale + zero};
    if (std::nearbyint(clipped.low) <= static_cast<float>(output->low)) clipped.low = Activation{}.low();
    if (std::nearbyint(clipped.high) >= static_cast<float>(output->high)) clipped.high = Activation{}.high();
  }
  if (std::isinf(clipped.low) && std::isinf(clipped.high)) return std::nullopt;
  return clipped;
}

}  // namespace

Requantization requantization(const Int8Layer& layer) {
  const bool bytes_added = layer.has_residual && layer.residual;
  const bool direct = !layer.has_residual && layer.activation.is_clamp();
  const float target = layer.output ? layer.output->scale : 1.0f;
  const float zero = layer.output ? static_cast<float>(layer.output->zero) : 0.0f;
  float unit = bytes_added ? layer.residual->scale : direct ? target : 1.0f;
  const float offset = bytes_added ? -static_cast<float>(layer.residual->zero) : direct ? zero : 0.0f;

  Requantization result;
  for (std::size_t m = 0; m < layer.weight_scales.size(); ++m) {
    const float sums = layer.input.scale * layer.weight_scales[m];
    const float scale = sums / unit;
    result.scales.push_back(scale);
    result.bias.push_back(layer.bias[m] / sums + offset / scale);
  }
  if (layer.has_residual) result.post_ops.emplace_back(AddResidual{});
  if (!layer.activation.is_clamp()) {
    if (unit != 1.0f) result.post_ops.emplace_back(Linearly{unit, 0.0f});
    unit = 1.0f;
    result.post_ops.emplace_back(layer.activation);
  }
  if (!direct && (unit != target || zero != 0.0f)) result.post_ops.emplace_back(Linearly{unit / target, zero});
  if (layer.activation.is_clamp()) {
    if (const auto clipped = bounds(layer.activation, layer.output)) result.post_ops.emplace_back(*clipped);
  }
  return result;
}

}  // namespace einet::exec
