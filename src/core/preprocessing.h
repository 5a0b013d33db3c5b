#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace einet {

/// By the names of torchvision's InterpolationMode. All but kNearest average over the source pixels when they shrink.
enum class Interpolation { kNearest, kBilinear, kBicubic };

/// How a picture is brought to the size of a network's input: torchvision's Resize and then CenterCrop, on Pillow
/// images. With neither it is the largest centred part with the proportions of the input, resampled to its size.
struct Preprocessing {
  std::vector<int> resize = {};  ///< {shorter side}, the other in proportion, or {height, width}; empty = as it is.
  std::vector<int> crop = {};    ///< {height, width}, black where the picture is smaller; empty = all of it.
  Interpolation interpolation = Interpolation::kBilinear;  ///< Of `resize`.

  bool given() const { return !resize.empty() || !crop.empty(); }
  friend bool operator==(const Preprocessing&, const Preprocessing&) = default;
};

/// Sides of a picture are not resized beyond that.
constexpr int kLargestSide = 16384;

/// Why this gives no picture of height x width, in a few words; "" where it gives one of every picture.
std::string fault_of(const Preprocessing& preprocessing, int height, int width);

/// "nearest", "bilinear", "bicubic".
std::vector<std::string> interpolation_names();
std::string_view to_string(Interpolation interpolation);
/// Empty for any other name.
std::optional<Interpolation> parse_interpolation(std::string_view name);

}  // namespace einet
