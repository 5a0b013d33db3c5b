#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "graph/selection.h"

namespace einet::graph {

/// One dimension of a Resize.
struct ResizedAxis {
  std::int64_t in = 0, out = 0;    ///< Sizes.
  float scale = 1.0f;              ///< About out / in.
  float start = 0.0f, end = 1.0f;  ///< The part to keep, of the whole ("tf_crop_and_resize" alone).
  std::string place, rounding;     ///< coordinate_transformation_mode and nearest_mode.

  /// Where position i of the result lies among those of the input, in float arithmetic as other engines do it.
  float coordinate(std::int64_t i) const;
  /// The nearest position in the input; Selection::kFilled beyond it ("tf_crop_and_resize" alone).
  std::int64_t nearest(std::int64_t i) const;
  /// Whether every position stays where it is.
  bool is_unchanged() const;
  /// Whether position i of the result is beyond the input, where the extrapolation value is.
  bool is_outside(std::int64_t i) const;
};

/// The dimensions of a Resize with the scales or sizes among `constants` (nullptr for what is none or absent). Throws
/// kInvalidData or kUnsupported, naming the node.
std::vector<ResizedAxis> resized_axes(const Node& node, const Shape& x, std::span<const Tensor* const> constants);

}  // namespace einet::graph
