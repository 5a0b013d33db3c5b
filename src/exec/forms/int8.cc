#include "exec/forms/int8.h"

#include <algorithm>

#include "exec/forms/choice.h"
#include "exec/kernels/window_part.h"
#include "exec/onednn/int8_layer.h"

namespace einet::exec {
namespace {

// Not only padding.
bool has_elements_in_every_window(const graph::WindowGeometry& w, const graph::Shape& image) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    for (std::int64_t i = 0; i < w.output[axis]; ++i) {
      if (window_part(w, axis, i, image[axis + 2]).count < 1) return false;
    }
  }
  return true;
}

bool are_usable(const std::vector<float>& scales) {
  return !scales.empty() && std::ranges::none_of(scales, [](float scale) { return scale == 0.0f; });
}

}  // namespace

bool suits_int8(const Operation& operation, const Network& network) {
  if (operation.inputs.empty()) return false;
  const Value& input = network.values[operation.inputs.front()];
  const Value& output = network.values[operation.output];
  if (!can_have(input, Form::kInt8)) return false;
  if (const auto* pool = std::get_if<Pool>(&operation.kind)) {
    return pool->kind == Pool::kMax && operation.activation.kind == Activation::kNone && output.grid == input.grid &&
           input.storage < 0 && has_elements_in_every_window(pool->window, input.shape);
  }
  const auto* conv = std::get_if<Convolution>(&operation.kind);
  const auto* linear = std::get_if<Linear>(&operation.kind);
  if (!has_int8() || (conv == nullptr && linear == nullptr)) return false;
  if (!are_usable(conv != nullptr ? conv->scales : linear->scales)) return false;
  const bool adds = operation.residual >= 0;
  const std::optional<graph::Grid> target = can_have(output, Form::kInt8) ? output.grid : std::nullopt;
  const Int8Form form{*input.grid, adds,
                      adds && can_have(network.values[operation.residual], Form::kInt8)
                          ? network.values[operation.residual].grid
                          : std::nullopt,
                      target};
  return has_int8_layer(operation, input.shape, output.shape, form);
}

}  // namespace einet::exec
