#pragma once

#include "exec/kernels/rows.h"
#include "exec/lowering/network.h"

namespace einet::exec {

// Kernels with little work, or rarely used, as plain loops.

/// y = a to the power b.
void power_rows(Source a, Source b, Target y, Extent extent, Clamp clamp);

/// The kinds of Binary that are not vectorised: kMod, kFmod, comparisons and logic.
void combine_rows(Binary::Kind kind, Source a, Source b, Target y, Extent extent, Clamp clamp);

/// y = a if the condition is not 0, otherwise b.
void choose_rows(Source condition, Source a, Source b, Target y, Extent extent);

/// [outer,inputs,inner] to [outer,taps.size(),inner], without gaps; x and y must not overlap.
void interpolate(const Interpolation& interpolation, const float* x, float* y);

/// Every row of `size` elements becomes one element.
void reduce_rows(RowReduction::Kind kind, const float* x, float* y, std::int64_t rows, std::int64_t size);

/// y [rows,columns] = a [rows,inner] times b, which is [inner,columns], or [columns,inner] if it is transposed.
void product(const float* a, const float* b, float* y, const Product& sizes);

/// [N,channels,area] to [N,area,channels].
void permute(const float* x, float* y, std::int64_t images, std::int64_t channels, std::int64_t area);

}  // namespace einet::exec
