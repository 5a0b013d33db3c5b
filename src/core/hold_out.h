#pragma once

#include <cstdint>

namespace einet {

/// Divides the images of a folder that has no test images of its own (docs/formats.md, "Image folders").
struct HoldOut {
  double train_share = 0.8;  ///< Of each class, above 0 and below 1; at least one image of a class is on each side.
  std::int64_t seed = 0;     ///< Not negative; another one holds out other images.

  bool valid() const { return train_share > 0 && train_share < 1 && seed >= 0; }  // A NaN is not.
  friend bool operator==(const HoldOut&, const HoldOut&) = default;
};

}  // namespace einet
