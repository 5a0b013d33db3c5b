#include "graph/quantized.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "graph/faults.h"

namespace einet::graph {

Grid grid_of(const Node& node) {
  const std::int64_t zero = node.attribute("zero_point", std::int64_t{0});
  const std::int64_t low = node.attribute("low", std::int64_t{0}), high = node.attribute("high", std::int64_t{255});
  const float scale = node.attribute("scale", 1.0f);
  constexpr std::array<std::pair<std::int64_t, std::int64_t>, 4> kRanges = {
      {{-128, 127}, {0, 255}, {-32768, 32767}, {0, 65535}}};
  if (std::ranges::find(kRanges, std::pair{low, high}) == kRanges.end()) {
    invalid(node, "quantises to the range " + std::to_string(low) + " to " + std::to_string(high));
  }
  if (zero < low || zero > high) invalid(node, "has a zero point outside of its range");
  if (!(scale > 0.0f) || std::isinf(scale)) invalid(node, "has the scale " + std::to_string(scale));
  return {scale, static_cast<std::int32_t>(zero), static_cast<std::int32_t>(low), static_cast<std::int32_t>(high)};
}

Node fake_quantize(std::string name, std::string input, const Grid& grid) {
  Node node{"FakeQuantize", name, {std::move(input)}, {name}, {}};
  node.attributes = {{"scale", grid.scale},
                     {"zero_point", std::int64_t{grid.zero}},
                     {"low", std::int64_t{grid.low}},
                     {"high", std::int64_t{grid.high}}};
  return node;
}

std::int32_t quantized(float x, const Grid& grid) {
  const float whole = std::nearbyint(x / grid.scale) + static_cast<float>(grid.zero);
  return static_cast<std::int32_t>(std::clamp(whole, static_cast<float>(grid.low), static_cast<float>(grid.high)));
}

std::optional<std::vector<std::int32_t>> integers(const Tensor& tensor, const QuantizedConstant& by) {
  const auto axis = static_cast<std::size_t>(by.axis);
  if (!tensor.is_float() || by.scales.empty()) return std::nullopt;
  std::size_t inner = 1;
  if (by.scales.size() > 1) {
    if (axis >= tensor.shape.size() || tensor.shape[axis] != static_cast<std::int64_t>(by.scales.size()))
      return std::nullopt;
    for (std::size_t d = axis + 1; d < tensor.shape.size(); ++d) inner *= static_cast<std::size_t>(tensor.shape[d]);
  }
  // The largest integers up to which every one is a float.
  const float most = by.bits == 8 ? 127.0f : 16777216.0f, least = by.bits == 8 ? -128.0f : -16777216.0f;
  std::vector<std::int32_t> result;
  result.reserve(tensor.floats().size());
  for (const float value : tensor.floats()) {
    const float scale = by.scales[by.scales.size() == 1 ? 0 : result.size() / inner % by.scales.size()];
    const float whole = std::nearbyint(value / scale);
    if (!(whole >= least && whole <= most) || whole * scale != value) return std::nullopt;
    result.push_back(static_cast<std::int32_t>(whole));
  }
  return result;
}

}  // namespace einet::graph
