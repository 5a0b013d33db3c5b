// Pillow's resampling (src/libImaging/Resample.c, and ImagingScaleAffine() of Geometry.c for kNearest): first every
// row, then every column, with weights in fixed point and both results rounded to 8 bits. If a side shrinks, the filter
// is widened by the same factor, so that all source pixels count. For a side that keeps its length, every filter gives
// weight 1 to the pixel at the same position.

#include "data/resample.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace einet::data {
namespace {

constexpr int kPrecisionBits = 22;  // 32, minus 8 for a pixel and 2 for sums beyond its range.

double bilinear(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

/// The source pixels of one row or column and their weights, which sum up to 2^kPrecisionBits.
struct Taps {
  int first = 0;
  std::vector<int> weights;

  int end() const { return first + static_cast<int>(weights.size()); }
};

/// The taps of `range`, for resizing a side from `from` pixels to `to`.
std::vector<Taps> nearest_taps(int from, int to, Range range) {
  std::vector<Taps> taps;
  const double scale = static_cast<double>(from) / to;
  double at = scale * 0.5;  // Accumulated as in Pillow, for identical rounding.
  for (int i = 0; i < range.first; ++i) at += scale;
  for (int i = 0; i < range.count; ++i, at += scale) {
    taps.push_back({std::min(static_cast<int>(at), from - 1), {1 << kPrecisionBits}});
  }
  return taps;
}

std::vector<Taps> filter_taps(int from, int to, Range range, double (*filter)(double), double radius) {
  std::vector<Taps> taps;
  std::vector<double> weights;
  const double scale = static_cast<double>(from) / to;
  const double stretch = std::max(scale, 1.0);
  const double support = radius * stretch;
  for (int i = range.first; i < range.first + range.count; ++i) {
    const double centre = (i + 0.5) * scale;
    // Rounded exactly like Pillow. NOLINTBEGIN(bugprone-incorrect-roundings)
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int end = std::min(from, static_cast<int>(centre + support + 0.5));
    // NOLINTEND(bugprone-incorrect-roundings)
    double sum = 0;
    weights.clear();
    for (int j = first; j < end; ++j) {
      weights.push_back(filter((j - centre + 0.5) * (1.0 / stretch)));
      sum += weights.back();
    }
    Taps& of = taps.emplace_back(Taps{first, {}});
    for (const double weight : weights) {
      const double fixed = (sum != 0 ? weight / sum : weight) * (1 << kPrecisionBits);
      of.weights.push_back(static_cast<int>(fixed + (fixed < 0 ? -0.5 : 0.5)));
    }
  }
  return taps;
}

std::vector<Taps> taps_of(int from, int to, Range range, Interpolation interpolation) {
  switch (interpolation) {
    case Interpolation::kNearest:
      return nearest_taps(from, to, range);
    case Interpolation::kBilinear:
      return filter_taps(from, to, range, bilinear, 1.0);
    case Interpolation::kBicubic:
      return filter_taps(from, to, range, bicubic, 2.0);
  }
  return {};
}

std::uint8_t rounded(int sum) { return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255)); }

/// Resamples the row at `row` to the given columns.
void resample_row(const std::uint16_t* row, int channels, const std::vector<Taps>& columns, std::uint8_t* out) {
  for (const Taps& taps : columns) {
    for (int c = 0; c < channels; ++c) {
      const std::uint16_t* value = row + static_cast<std::size_t>(taps.first) * channels + c;
      int sum = 1 << (kPrecisionBits - 1);
      for (const int weight : taps.weights) {
        sum += to_byte(*value) * weight;
        value += channels;
      }
      *out++ = rounded(sum);
    }
  }
}

}  // namespace

Picture resampled(const Picture& picture, PictureSize size, Interpolation interpolation, Range rows, Range columns) {
  const std::vector<Taps> across = taps_of(picture.width, size.width, columns, interpolation);
  const std::vector<Taps> down = taps_of(picture.height, size.height, rows, interpolation);
  Picture result{.channels = picture.channels, .height = rows.count, .width = columns.count, .bits = 8, .pixels = {}};
  const auto length = static_cast<std::size_t>(columns.count) * picture.channels;
  const int first = down.front().first;
  const int end = std::ranges::max_element(down, {}, &Taps::end)->end();
  std::vector<std::uint8_t> narrowed(static_cast<std::size_t>(end - first) * length);
  for (int y = first; y < end; ++y) {
    const std::size_t row = static_cast<std::size_t>(y) * picture.width * picture.channels;
    resample_row(picture.pixels.data() + row, picture.channels, across, narrowed.data() + (y - first) * length);
  }
  std::vector<int> sums(length);
  result.pixels.reserve(down.size() * length);
  for (const Taps& taps : down) {
    std::ranges::fill(sums, 1 << (kPrecisionBits - 1));
    const std::uint8_t* row = narrowed.data() + (taps.first - first) * length;
    for (const int weight : taps.weights) {
      for (std::size_t i = 0; i < length; ++i) sums[i] += row[i] * weight;
      row += length;
    }
    for (const int sum : sums) result.pixels.push_back(static_cast<std::uint16_t>(rounded(sum) * 257));
  }
  return result;
}

}  // namespace einet::data
