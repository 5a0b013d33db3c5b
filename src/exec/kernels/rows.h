#pragma once

#include <cstdint>

namespace einet::exec {

// The executor's own kernels, for operations on strided channels-last rows for which oneDNN has no fast primitive. Each
// works on `pixels` rows of `channels` floats; rows begin `stride` floats apart. Up to a vector after a row may be
// read, but only the row is written. The target may be a source with the same stride. Vectorised for the instruction
// set detected at run time (Highway). None allocates.

/// Per-channel constants are padded to a multiple of this many floats, at least the widest vector.
inline constexpr std::int64_t kPanel = 16;

struct Source {
  const float* data;
  std::int64_t stride;
};
struct Target {
  float* data;
  std::int64_t stride;
};
struct Extent {
  std::int64_t pixels;
  std::int64_t channels;
};
/// Applied last: min(max(y, low), high). Infinite bounds do nothing.
struct Clamp {
  float low;
  float high;
};

void copy_rows(Source x, Target y, Extent extent);
void clamp_rows(Source x, Target y, Extent extent, Clamp clamp);
/// y = x * scale + shift, one float of each per channel; both readable up to a multiple of kPanel floats.
void affine_rows(Source x, const float* scale, const float* shift, Target y, Extent extent, Clamp clamp);
void add_rows(Source a, Source b, Target y, Extent extent, Clamp clamp);
void subtract_rows(Source a, Source b, Target y, Extent extent, Clamp clamp);
void multiply_rows(Source a, Source b, Target y, Extent extent, Clamp clamp);
void divide_rows(Source a, Source b, Target y, Extent extent, Clamp clamp);
/// y = a if a is positive, otherwise a * b.
void slope_rows(Source a, Source b, Target y, Extent extent, Clamp clamp);
void largest_rows(Source a, Source b, Target y, Extent extent, Clamp clamp);
void smallest_rows(Source a, Source b, Target y, Extent extent, Clamp clamp);

}  // namespace einet::exec
