#pragma once

#include <cstdint>

#include "exec/kernels/rows.h"
#include "exec/lowering/network.h"

namespace einet::exec {

// Quantised values are stored either as floats, each exactly one of the values of their grid, or as bytes: uint8 or
// int8, by the grid. Rows of bytes have no gaps. graph::quantized() defines the rounding.

/// Every element becomes the nearest value of the grid.
void round_rows(Source x, Target y, Extent extent, const graph::Grid& grid);

/// The same, stored as bytes.
void quantize_rows(Source x, void* y, Extent extent, const graph::Grid& grid);

/// From bytes to floats.
void dequantize_rows(const void* x, Target y, Extent extent, const graph::Grid& grid);

/// The largest byte of every window, like pool_rows(); `is_signed`: int8, otherwise uint8. Every window must contain an
/// element of the image.
void max_pool_bytes(const Pool& pool, const void* x, std::int64_t images, std::int64_t height, std::int64_t width,
                    void* y, std::int64_t channels, bool is_signed);

}  // namespace einet::exec
