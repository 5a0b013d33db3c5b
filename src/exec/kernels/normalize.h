#pragma once

#include "exec/kernels/rows.h"

namespace einet::exec {

/// Normalisation with statistics over each group of channels of each image, over all pixels: y = (x - mean) /
/// sqrt(variance + epsilon) * scale + shift.
struct GroupStatistics {
  std::int64_t area = 1;  ///< Pixels of an image.
  std::int64_t groups =
      1;  ///< Divides the channels. As many as channels: each channel alone. 1 with area 1: each row alone.
  float epsilon = 0.0f;
};

/// `scale` and `shift`: one float per channel, readable for kPanel floats beyond the last.
void normalize_rows(const GroupStatistics& statistics, Source x, const float* scale, const float* shift, Target y,
                    Extent extent);

/// Softmax of every row, or its logarithm.
void softmax_rows(Source x, Target y, Extent extent, bool logarithm);

}  // namespace einet::exec
