#pragma once

#include <vector>

namespace einet {

/// By the names of torchvision's InterpolationMode. All but kNearest average over the source pixels when they shrink.
enum class Interpolation { kNearest, kBilinear, kBicubic };

/// How a picture is brought to the size of a network's input: torchvision's Resize and then CenterCrop, on Pillow
/// images of 8 bits per channel. With neither it is the largest centred part with the proportions of the input,
/// resampled to its size (bilinear). Normalization comes afterwards.
struct Preprocessing {
  std::vector<int> resize = {};  ///< {shorter side}, the other in proportion, or {height, width}; empty = as it is.
  std::vector<int> crop = {};    ///< {height, width}, black where the picture is smaller; empty = all of it.
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
