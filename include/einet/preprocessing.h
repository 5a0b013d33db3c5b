#pragma once

#include <vector>

namespace einet {

/// Named as in torchvision's InterpolationMode. All but kNearest average over the source pixels when shrinking.
enum class Interpolation { kNearest, kBilinear, kBicubic };

/// How a picture is brought to the size of a network's input: torchvision's Resize and then CenterCrop, on Pillow
/// images of 8 bits per channel. If both are empty, the largest centred part with the aspect ratio of the input is
/// resized to it (bilinear). Normalization follows.
struct Preprocessing {
  std::vector<int> resize = {};  ///< {shorter side}, keeping the aspect ratio, or {height, width}; empty = no resizing.
  std::vector<int> crop = {};    ///< {height, width}, padded with black if the picture is smaller; empty = no crop.
  Interpolation interpolation = Interpolation::kBilinear;  ///< Of `resize`.

  bool given() const { return !resize.empty() || !crop.empty(); }
  friend bool operator==(const Preprocessing&, const Preprocessing&) = default;
};

/// How pixels in [0,1] become network input: (x - mean[channel]) / stddev[channel].
struct Normalization {
  std::vector<float> mean;    ///< One per channel; empty = 0.
  std::vector<float> stddev;  ///< One per channel, > 0; empty = 1.
};

}  // namespace einet
