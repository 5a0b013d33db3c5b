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
  float start = 0.0f, end = 1.0f;  ///< The part of the input to keep ("tf_crop_and_resize" only).
  std::string place, rounding;     ///< coordinate_transformation_mode and nearest_mode.

  /// The coordinate in the input of position i of the result, in float arithmetic like other engines.
  float coordinate(std::int64_t i) const;
  /// The nearest position in the input; Selection::kFilled outside it ("tf_crop_and_resize" only).
  std::int64_t nearest(std::int64_t i) const;
  /// Whether every position is unchanged.
  bool is_unchanged() const;
  /// Whether position i of the result is outside the input and therefore has the extrapolation value.
  bool is_outside(std::int64_t i) const;
};

/// The dimensions of a Resize with the scales or sizes in `constants` (nullptr for inputs that are absent or not
/// constant). Throws kInvalidData or kUnsupported, naming the node.
std::vector<ResizedAxis> resized_axes(const Node& node, const Shape& x, std::span<const Tensor* const> constants);

}  // namespace einet::graph
