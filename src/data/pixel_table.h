#pragma once

#include <array>
#include <vector>

#include "einet/preprocessing.h"

namespace einet::data {

/// Network input of each of the 256 pixel values: (pixel/255 - mean) / stddev of one channel.
using PixelTable = std::array<float, 256>;

/// One table per channel. Throws kInvalidData if the normalisation has a different number of channels or a standard
/// deviation that is not positive.
std::vector<PixelTable> pixel_tables(int channels, const Normalization& normalization);

}  // namespace einet::data
