#pragma once

#include <span>

#include "einet/preprocessing.h"

namespace einet {

/// Network input from pixels in [0,1] of `channels` channels in C order: (pixel - mean[c]) / stddev[c], without change
/// where the normalisation is empty. Throws kInvalidData for a pixel that is not finite; `out`, as long as `pixels`, is
/// then partly written.
void normalize(std::span<const float> pixels, std::size_t channels, const Normalization& normalization,
               std::span<float> out);

}  // namespace einet
