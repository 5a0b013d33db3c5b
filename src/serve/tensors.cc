#include "serve/tensors.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "serve/refusal.h"

namespace einet::serve {
namespace {

/// A name in a sentence; long and unprintable ones are shortened.
std::string quoted(std::string_view name) {
  constexpr std::size_t kMost = 64;
  std::string text = "'";
  for (const char c : name.substr(0, kMost)) text += c >= ' ' && c <= '~' ? c : '?';
  return text + (name.size() > kMost ? "…'" : "'");
}

}  // namespace

void require(bool holds, std::string_view sentence) {
  if (!holds) throw RequestError(Refusal::kInvalid, std::string(sentence));
}

void check_version(std::string_view version) {
  if (version.empty() || version == kVersion) return;
  throw RequestError(Refusal::kNotFound, "version " + quoted(version) + " does not exist; the only version is 1");
}

void check_input(std::string_view name, std::string_view datatype, std::span<const std::int64_t> shape,
                 const graph::Shape& expected) {
  require(name == kInput, "input " + quoted(name) + " does not exist; the only input is 'image'");
  require(datatype == "FP32", "input 'image' has datatype " + quoted(datatype) + ", but the model needs FP32");
  if (std::ranges::equal(shape, expected)) return;
  constexpr std::size_t kMostAxes = 8;
  const std::string given = shape.size() > kMostAxes ? std::to_string(shape.size()) + " axes"
                                                     : "shape " + graph::to_string({shape.begin(), shape.end()});
  require(false, "input 'image' has " + given + ", but the model needs " + graph::to_string(expected));
}

std::vector<float> pixels_of_bytes(std::string_view bytes, std::string_view what) {
  static_assert(std::endian::native == std::endian::little, "tensors of bytes are little-endian");
  require(bytes.size() % sizeof(float) == 0, std::string(what) + " is not a whole number of FP32 values");
  std::vector<float> pixels(bytes.size() / sizeof(float));
  std::memcpy(pixels.data(), bytes.data(), bytes.size());
  return pixels;
}

void check_pixels(std::span<const float> pixels, const graph::Shape& expected) {
  const auto count = static_cast<std::size_t>(graph::element_count(expected));
  require(pixels.size() == count, "input 'image' has " + std::to_string(pixels.size()) + " values, but its shape " +
                                      graph::to_string(expected) + " has " + std::to_string(count));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (pixels[i] >= 0.0f && pixels[i] <= 1.0f) continue;  // False for NaN.
    require(false, "input 'image': value " + std::to_string(i) + " is " + std::to_string(pixels[i]) +
                       ", but pixels must be in [0,1]");
  }
}

std::chrono::microseconds checked_timeout(std::int64_t microseconds) {
  constexpr std::chrono::microseconds kMost = std::chrono::hours(1);
  require(microseconds > 0 && microseconds <= kMost.count(), "parameter 'timeout' is " + std::to_string(microseconds) +
                                                                 ", but must be 1 to " + std::to_string(kMost.count()) +
                                                                 " microseconds");
  return std::chrono::microseconds(microseconds);
}

void request_output(std::string_view name, InferRequest& request) {
  require(name == kLabel || name == kProbabilities,
          "output " + quoted(name) + " does not exist; the outputs are 'label' and 'probabilities'");
  bool& wanted = name == kLabel ? request.label : request.probabilities;
  require(!wanted, "output " + quoted(name) + " is requested twice");
  wanted = true;
}

}  // namespace einet::serve
