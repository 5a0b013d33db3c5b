#include "graph/resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "graph/constant_inputs.h"

namespace einet::graph {
namespace {

constexpr std::string_view kCropAndResize = "tf_crop_and_resize";

using Taps = Interpolation::Taps;

template <std::size_t kCount>
bool is_one_of(const std::array<std::string_view, kCount>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// A ResizedAxis with the modes of the node but without sizes.
ResizedAxis modes(const Node& node) {
  static constexpr std::array<std::string_view, 3> kModes = {"nearest", "linear", "cubic"};
  static constexpr std::array<std::string_view, 7> kPlaces = {
      "half_pixel",           "pytorch_half_pixel", "align_corners",        "asymmetric",
      "half_pixel_symmetric", kCropAndResize,       "tf_half_pixel_for_nn",
  };
  static constexpr std::array<std::string_view, 4> kRoundings = {"round_prefer_floor", "round_prefer_ceil", "floor",
                                                                 "ceil"};
  ResizedAxis axis;
  axis.place = node.attribute("coordinate_transformation_mode", "half_pixel");
  axis.rounding = node.attribute("nearest_mode", "round_prefer_floor");
  const std::string mode = node.attribute("mode", "nearest");
  if (!is_one_of(kModes, mode)) unsupported(node, "the mode '" + mode + "' is not supported");
  if (!is_one_of(kPlaces, axis.place)) {
    unsupported(node, "the coordinate_transformation_mode '" + axis.place + "' is not supported");
  }
  if (!is_one_of(kRoundings, axis.rounding)) invalid(node, "has an unknown nearest_mode '" + axis.rounding + "'");
  return axis;
}

// The part of every dimension that "tf_crop_and_resize" keeps.
void read_region(const Node& node, Constants given, std::vector<ResizedAxis>& axes) {
  if (!has_input(node, 1)) invalid(node, "has no region of interest");
  const std::vector<float>& region = constant_input(node, given, 1).floats();
  if (region.size() != 2 * axes.size()) invalid(node, "has a region of " + std::to_string(region.size()) + " numbers");
  for (std::size_t d = 0; d < axes.size(); ++d) {
    axes[d].start = region[d];
    axes[d].end = region[d + axes.size()];
    constexpr float kFarthest = 1e6f;
    if (!(std::abs(axes[d].start) < kFarthest && std::abs(axes[d].end) < kFarthest)) {
      invalid(node, "has an impossible region of interest");
    }
  }
}

void read_sizes(const Node& node, const Shape& x, Constants given, std::vector<ResizedAxis>& axes) {
  const Tensor& tensor = constant_input(node, given, 3);
  if (tensor.is_float() || tensor.shape != Shape{static_cast<std::int64_t>(x.size())}) {
    invalid(node, "'" + node.inputs[3] + "' is not a list of " + std::to_string(x.size()) + " sizes");
  }
  for (std::size_t d = 0; d < x.size(); ++d) {
    const std::int64_t size = tensor.ints()[d];
    if (size < 1 || size > kLargestSize) invalid(node, "cannot resize to " + to_string(tensor.ints()));
    axes[d].out = size;
    axes[d].scale = static_cast<float>(size) / static_cast<float>(x[d]);
  }
}

void read_scales(const Node& node, const Shape& x, Constants given, std::vector<ResizedAxis>& axes) {
  if (!has_input(node, 2)) invalid(node, "has neither scales nor sizes");
  const std::vector<float>& scales = constant_input(node, given, 2).floats();
  if (scales.size() != x.size()) invalid(node, "has " + std::to_string(scales.size()) + " scales");
  for (std::size_t d = 0; d < x.size(); ++d) {
    const float kept = axes[d].place == kCropAndResize ? axes[d].end - axes[d].start : 1.0f;
    const float size = static_cast<float>(x[d]) * kept * scales[d];
    if (!(size >= 1.0f && size <= static_cast<float>(kLargestSize))) {
      invalid(node, "cannot scale " + to_string(x) + " by " + std::to_string(scales[d]));
    }
    axes[d].out = static_cast<std::int64_t>(size);
    axes[d].scale = scales[d];
  }
}

// Interpolates between the two neighbours of `at`; beyond the outermost elements, returns these.
Taps linear_taps(float at, std::int64_t in) {
  at = std::clamp(at, 0.0f, static_cast<float>(in - 1));
  const auto before = static_cast<std::int64_t>(at);
  const float share = at - static_cast<float>(before);
  if (share == 0.0f) return {{before, 1.0f}};
  return {{before, 1.0f - share}, {before + 1, share}};
}

// Keys, "Cubic convolution interpolation for digital image processing", 1981, with the parameter `a`. Positions outside
// the input have the value of the outermost elements, or are excluded.
Taps cubic_taps(float at, std::int64_t in, float a, bool exclude_outside) {
  const float floor = std::floor(at), s = at - floor;
  const auto near = [a](float t) { return ((a + 2) * t - (a + 3)) * t * t + 1; };
  const auto far = [a](float t) { return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a; };
  const std::array<float, 4> weights = {far(s + 1), near(s), near(1 - s), far(2 - s)};
  Taps taps;
  float sum = 0.0f;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float position = floor + static_cast<float>(i) - 1.0f, last = static_cast<float>(in - 1);
    if (exclude_outside && (position < 0.0f || position > last)) continue;
    taps.emplace_back(static_cast<std::int64_t>(std::clamp(position, 0.0f, last)), weights[i]);
    sum += weights[i];
  }
  if (exclude_outside && sum != 0.0f) {
    for (auto& [position, weight] : taps) weight /= sum;
  }
  return taps;
}

}  // namespace

float ResizedAxis::coordinate(std::int64_t i) const {
  const auto position = static_cast<float>(i), from = static_cast<float>(in), to = static_cast<float>(out);
  if (place == "pytorch_half_pixel") return out > 1 ? (position + 0.5f) / scale - 0.5f : 0.0f;
  if (place == "align_corners") return out > 1 ? position * (from - 1) / (to - 1) : 0.0f;
  if (place == "asymmetric") return position / scale;
  if (place == "tf_half_pixel_for_nn") return (position + 0.5f) / scale;
  if (place == kCropAndResize) {
    if (out == 1) return 0.5f * (start + end) * (from - 1);
    return start * (from - 1) + position * (end - start) * (from - 1) / (to - 1);
  }
  if (place == "half_pixel_symmetric") {
    const float adjustment = to / (scale * from);
    return from / 2 * (1 - adjustment) + (position + 0.5f) / scale - 0.5f;
  }
  return (position + 0.5f) / scale - 0.5f;
}

bool ResizedAxis::is_unchanged() const {
  return place == kCropAndResize ? out == in && start == 0.0f && end == 1.0f : out == in && scale == 1.0f;
}

bool ResizedAxis::is_outside(std::int64_t i) const {
  if (place != kCropAndResize) return false;
  const float at = coordinate(i);
  return !(at >= 0.0f && at <= static_cast<float>(in - 1));
}

std::int64_t ResizedAxis::nearest(std::int64_t i) const {
  if (is_unchanged()) return i;
  if (is_outside(i)) return Selection::kFilled;
  const float at = coordinate(i);
  const float rounded = rounding == "floor"               ? std::floor(at)
                        : rounding == "ceil"              ? std::ceil(at)
                        : rounding == "round_prefer_ceil" ? std::floor(at + 0.5f)
                                                          : std::ceil(at - 0.5f);
  return static_cast<std::int64_t>(std::clamp(rounded, 0.0f, static_cast<float>(in - 1)));
}

std::vector<ResizedAxis> resized_axes(const Node& node, const Shape& x, Constants constants) {
  std::vector<ResizedAxis> axes(x.size(), modes(node));
  for (std::size_t d = 0; d < x.size(); ++d) axes[d].in = x[d];
  if (!axes.empty() && axes[0].place == kCropAndResize) read_region(node, constants, axes);
  has_input(node, 3) ? read_sizes(node, x, constants, axes) : read_scales(node, x, constants, axes);
  const bool shrinks = std::ranges::any_of(axes, [](const ResizedAxis& axis) { return axis.scale < 1.0f; });
  if (shrinks && interpolates(node) && node.attribute("antialias", std::int64_t{0}) != 0) {
    unsupported(node, "antialias is not supported; export with antialias off");
  }
  return axes;
}

bool interpolates(const Node& node) { return node.op == "Resize" && node.attribute("mode", "nearest") != "nearest"; }

bool Interpolation::keeps(std::size_t d, std::int64_t inputs) const {
  if (static_cast<std::int64_t>(taps[d].size()) != inputs) return false;
  for (std::size_t i = 0; i < taps[d].size(); ++i) {
    if (taps[d][i] != Taps{{static_cast<std::int64_t>(i), 1.0f}}) return false;
  }
  return true;
}

Interpolation interpolation(const Node& node, const Shape& x, Constants constants) {
  const bool cubic = node.attribute("mode", "nearest") == "cubic";
  const bool exclude = node.attribute("exclude_outside", std::int64_t{0}) != 0;
  const float a = node.attribute("cubic_coeff_a", -0.75f);
  Interpolation result;
  result.fill = node.attribute("extrapolation_value", 0.0f);
  for (const ResizedAxis& axis : resized_axes(node, x, constants)) {
    std::vector<Taps>& taps = result.taps.emplace_back();
    for (std::int64_t i = 0; i < axis.out; ++i) {
      const float at = axis.coordinate(i);
      taps.push_back(axis.is_unchanged()  ? Taps{{i, 1.0f}}
                     : axis.is_outside(i) ? Taps{}
                     : cubic              ? cubic_taps(at, axis.in, a, exclude)
                                          : linear_taps(at, axis.in));
    }
  }
  return result;
}

}  // namespace einet::graph
