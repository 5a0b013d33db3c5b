#pragma once

#include <cstdint>

namespace einet {

/// How a folder without test images is split into training and test images (docs/formats.md, "Image folders").
struct HoldOut {
  double train_share = 0.8;  ///< Of each class, above 0 and below 1; each side gets at least one image of a class.
  std::int64_t seed = 0;     ///< Not negative; selects the images that are held out.

  bool valid() const { return train_share > 0 && train_share < 1 && seed >= 0; }  // False for NaN.
  friend bool operator==(const HoldOut&, const HoldOut&) = default;
};

}  // namespace einet
