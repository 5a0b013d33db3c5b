#include "data/dataset.h"
#include "data/pixel_table.h"
#include "einet/error.h"

namespace einet::data {

std::vector<PixelTable> pixel_tables(int channels, const Normalization& normalization) {
  const auto value = [&](const std::vector<float>& values, int channel, float otherwise) {
    if (values.empty()) return otherwise;
    if (values.size() != static_cast<std::size_t>(channels)) {
      throw Error(ErrorKind::kInvalidData, "normalization",
                  std::to_string(values.size()) + " values for " + std::to_string(channels) + " channels");
    }
    return values[channel];
  };
  std::vector<PixelTable> tables(channels);
  for (int channel = 0; channel < channels; ++channel) {
    const float mean = value(normalization.mean, channel, 0.0f);
    const float stddev = value(normalization.stddev, channel, 1.0f);
    if (!(stddev > 0)) {
      throw Error(ErrorKind::kInvalidData, "normalization", "standard deviation " + std::to_string(stddev));
    }
    for (int pixel = 0; pixel < 256; ++pixel) {
      tables[channel][pixel] = (static_cast<float>(pixel) / 255.0f - mean) / stddev;
    }
  }
  return tables;
}

void normalize(std::span<const std::uint8_t> pixels, int channels, const Normalization& normalization,
               std::span<float> out) {
  if (channels < 1 || out.size() != pixels.size() || pixels.size() % channels != 0) {
    throw Error(ErrorKind::kInvalidData, "normalize",
                std::to_string(pixels.size()) + " pixels of " + std::to_string(channels) + " channels into " +
                    std::to_string(out.size()) + " values");
  }
  const std::vector<PixelTable> tables = pixel_tables(channels, normalization);
  const std::size_t plane = pixels.size() / channels;
  for (int channel = 0; channel < channels; ++channel) {
    const PixelTable& table = tables[channel];
    for (std::size_t i = channel * plane; i < (channel + 1) * plane; ++i) out[i] = table[pixels[i]];
  }
}

}  // namespace einet::data
