#include "core/preprocessing.h"

#include <algorithm>
#include <array>

namespace einet {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"nearest", "bilinear", "bicubic"};  // In the order of the enum.

std::string size_text(int height, int width) { return std::to_string(height) + "x" + std::to_string(width); }

bool is_size(const std::vector<int>& sides) {
  return std::ranges::all_of(sides, [](int side) { return side >= 1 && side <= kLargestSide; });
}

}  // namespace

std::string fault_of(const Preprocessing& preprocessing, int height, int width) {
  const auto& [resize, crop, interpolation] = preprocessing;
  if (!preprocessing.given()) return "";
  if (resize.size() > 2) return "has " + std::to_string(resize.size()) + " sides to resize to";
  if (!crop.empty() && crop.size() != 2) return "has " + std::to_string(crop.size()) + " sides to crop to";
  if (!is_size(resize) || !is_size(crop)) return "has a side that is not in 1.." + std::to_string(kLargestSide);
  if (crop.empty() && resize.size() == 1) {
    return "resizes the shorter side to " + std::to_string(resize[0]) + " and leaves the other open; a crop is needed";
  }
  const std::vector<int>& given = crop.empty() ? resize : crop;
  if (given == std::vector{height, width}) return "";
  return (crop.empty() ? "resizes to " : "crops to ") + size_text(given[0], given[1]) + ", the network takes " +
         size_text(height, width);
}

std::string to_string(const Preprocessing& preprocessing) {
  if (!preprocessing.given()) return "the largest centred part, resampled";
  const auto sides = [](const std::vector<int>& values) {
    std::string text;
    for (const int side : values) {
      if (!text.empty()) text += 'x';
      text += std::to_string(side);
    }
    return text;
  };
  const auto& [resize, crop, interpolation] = preprocessing;
  std::string text;
  if (!resize.empty())
    text.append("resized to ").append(sides(resize)).append(" (").append(to_string(interpolation)) += ')';
  if (!crop.empty()) text.append(text.empty() ? "centre " : ", centre ").append(sides(crop));
  return text;
}

std::vector<std::string> interpolation_names() { return {kNames.begin(), kNames.end()}; }

std::string_view to_string(Interpolation interpolation) { return kNames[static_cast<std::size_t>(interpolation)]; }

std::optional<Interpolation> parse_interpolation(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Interpolation>(found - kNames.begin());
}

}  // namespace einet
