#pragma once

#include "core/preprocessing.h"
#include "data/picture.h"

namespace einet::data {

/// A range of columns or rows of a picture: `count`, starting at `first`.
struct Range {
  int first = 0;
  int count = 0;
};

/// The given rows and columns of `picture` resized to `size`, in 8 bits: bit-identical to Pillow's Image.resize()
/// followed by crop(), but computes only the pixels needed.
Picture resampled(const Picture& picture, PictureSize size, Interpolation interpolation, Range rows, Range columns);

}  // namespace einet::data
