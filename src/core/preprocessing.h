#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "einet/preprocessing.h"

namespace einet {

/// Sides of a picture are not resized beyond that.
constexpr int kLargestSide = 16384;

/// Why this gives no picture of height x width, in a few words; "" where it gives one of every picture.
std::string fault_of(const Preprocessing& preprocessing, int height, int width);

/// "resized to 256 (bilinear), centre 224x224", "the largest centred part, resampled".
std::string to_string(const Preprocessing& preprocessing);

/// "nearest", "bilinear", "bicubic".
std::vector<std::string> interpolation_names();
std::string_view to_string(Interpolation interpolation);
/// Empty for any other name.
std::optional<Interpolation> parse_interpolation(std::string_view name);

}  // namespace einet
