#include "core/normalize.h"

#include <cmath>
#include <string>

#include "einet/error.h"

namespace einet {

void normalize(std::span<const float> pixels, std::size_t channels, const Normalization& normalization,
               std::span<float> out) {
  const std::size_t plane = pixels.size() / channels;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const float mean = normalization.mean.empty() ? 0.0f : normalization.mean[channel];
    const float deviation = normalization.stddev.empty() ? 1.0f : normalization.stddev[channel];
    for (std::size_t i = channel * plane; i < (channel + 1) * plane; ++i) {
      if (!std::isfinite(pixels[i])) {
        throw Error(ErrorKind::kInvalidData, "image", "value " + std::to_string(i) + " is not finite");
      }
      out[i] = (pixels[i] - mean) / deviation;
    }
  }
}

}  // namespace einet
