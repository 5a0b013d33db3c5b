#pragma once

#include "core/preprocessing.h"
#include "data/picture.h"

namespace einet::data {

/// Some columns or rows of a picture: `count` from `first` on.
struct Range {
  int first = 0;
  int count = 0;
};

/// The given rows and columns of `picture` resized to `size`, in 8 bits: bit for bit what Pillow's Image.resize() gives
/// and crop() then takes from it. Only what they depend on is computed.
Picture resampled(const Picture& picture, PictureSize size, Interpolation interpolation, Range rows, Range columns);

}  // namespace einet::data
