#pragma once

#include "kernels/rows.h"
#include "lowering/network.h"

namespace einet::exec {

// Kernels of little work or rare use, in plain loops.

/// y = activation(x), for those that are no clamp.
void activate_rows(Activation activation, Source x, Target y, Extent extent);

/// Softmax of every row.
void softmax_rows(Source x, Target y, Extent extent);

/// The mean of every row of `size` elements.
void mean_rows(const float* x, float* y, std::int64_t rows, std::int64_t size);

/// y [rows,columns] = a [rows,inner] times b [inner,columns].
void product(const float* a, const float* b, float* y, std::int64_t rows, std::int64_t inner, std::int64_t columns);

/// [N,channels,area] to [N,area,channels].
void permute(const float* x, float* y, std::int64_t images, std::int64_t channels, std::int64_t area);

}  // namespace einet::exec
