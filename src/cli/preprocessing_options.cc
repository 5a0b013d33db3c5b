#include "cli/preprocessing_options.h"

#include <algorithm>

#include "cli/parse.h"
#include "einet/error.h"

namespace einet::cli {
namespace {

/// "256" or "224x320".
std::vector<int> parse_sides(const std::string& option, const std::string& text) {
  if (text.empty()) return {};
  try {
    return parse_sizes(text, text.find('x') == std::string::npos ? 1 : 2);
  } catch (const Error&) {
    throw Error(ErrorKind::kUsage, option + " " + text, "is not a size such as 256 or 224x320 (height x width)");
  }
}

}  // namespace

Preprocessing PreprocessingOptions::resolved(const graph::Shape& input) const {
  if (!given()) {
    if (!fallback.given()) return fallback;
    const std::string fault = input.size() != 4
                                  ? "is for images, but the input of the network is " + graph::to_string(input)
                                  : fault_of(fallback, static_cast<int>(input[2]), static_cast<int>(input[3]));
    if (fault.empty()) return fallback;
    throw Error(ErrorKind::kUsage, "preprocessing of the network",
                "(" + to_string(fallback) + ") " + fault + "; give --resize or --crop");
  }
  if (!interpolation.empty() && resize.empty()) {
    throw Error(ErrorKind::kUsage, "--interpolation", "needs --resize");
  }
  if (input.size() != 4) {
    throw Error(ErrorKind::kUsage, "--resize, --crop",
                "are for images, but the input of the network is " + graph::to_string(input));
  }
  const int height = static_cast<int>(input[2]), width = static_cast<int>(input[3]);
  Preprocessing result{.resize = parse_sides("--resize", resize), .crop = parse_sides("--crop", crop)};
  if (!interpolation.empty()) result.interpolation = *parse_interpolation(interpolation);
  if (result.crop.size() == 1) result.crop.push_back(result.crop[0]);
  if (result.resize.size() == 1 && result.crop.empty()) {
    if (result.resize[0] < std::max(height, width)) {
      throw Error(ErrorKind::kUsage, "--resize " + resize,
                  "leaves pictures smaller than the " + std::to_string(height) + "x" + std::to_string(width) +
                      " that the network needs; add --crop to pad them with black");
    }
    result.crop = {height, width};
  }
  if (const std::string fault = fault_of(result, height, width); !fault.empty()) {
    throw Error(ErrorKind::kUsage, crop.empty() ? "--resize " + resize : "--crop " + crop, fault);
  }
  return result;
}

void add_preprocessing_options(CLI::App& command, PreprocessingOptions& options) {
  command.add_option("--resize", options.resize,
                     "Resize pictures like torchvision's Resize: 256 is the shorter side, 224x320 height and width; "
                     "then crop to the network's size. Default: the largest centred part, resampled");
  command.add_option("--crop", options.crop,
                     "Crop to the centre, after --resize if given: 224 or 224x320; smaller pictures get black borders. "
                     "Default after --resize 256: the network's size");
  command
      .add_option("--interpolation", options.interpolation,
                  "Interpolation of --resize: bilinear (default), bicubic or nearest")
      ->check(CLI::IsMember(interpolation_names()));
}

}  // namespace einet::cli
