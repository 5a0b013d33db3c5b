#pragma once

#include "kernels/rows.h"
#include "lowering/network.h"

namespace einet::exec {

// Kernels of little work or rare use, in plain loops.

/// y = activation(x), for those that are no clamp.
void activate_rows(Activation activation, Source x, Target y, Extent extent);

/// Softmax of every row.
void softmax_rows(Source x, Target y, Extent extent);

/// [N,area,channels] to [N,channels,area].
void unpermute(const float* x, float* y, std::int64_t images, std::int64_t channels, std::int64_t area);

/// [N,channels,area] to [N,area,channels].
void permute(const float* x, float* y, std::int64_t images, std::int64_t channels, std::int64_t area);

}  // namespace einet::exec
