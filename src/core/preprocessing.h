#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "einet/preprocessing.h"

namespace einet {

/// Maximum side of a resized picture.
constexpr int kLargestSide = 16384;

/// Why this preprocessing does not turn every picture into one of height x width; "" if it does.
std::string fault_of(const Preprocessing& preprocessing, int height, int width);

/// "resized to 256 (bilinear), centre 224x224", "the largest centred part, resampled".
std::string to_string(const Preprocessing& preprocessing);

/// "nearest", "bilinear", "bicubic".
std::vector<std::string> interpolation_names();
std::string_view to_string(Interpolation interpolation);
/// Empty for unknown names.
std::optional<Interpolation> parse_interpolation(std::string_view name);

}  // namespace einet
