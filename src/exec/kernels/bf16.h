#pragma once

#include <cstdint>

#include "exec/kernels/rows.h"
#include "exec/lowering/network.h"

namespace einet::exec {

// bfloat16 is the upper half of a float32, so conversion is a shift; to bfloat16 with rounding to nearest, ties to
// even. bfloat16 rows have no gaps.

void to_bf16_rows(Source x, std::uint16_t* y, Extent extent);
void from_bf16_rows(const std::uint16_t* x, Target y, Extent extent);

/// Like pool_rows(), from dense bfloat16 at `x` to dense bfloat16 or float32 at `y`. `channels` is a multiple of
/// kPanel.
void pool_rows_bf16(const Pool& pool, const void* x, std::int64_t images, std::int64_t height, std::int64_t width,
                    void* y, bool to_bf16, std::int64_t channels, Clamp clamp);

}  // namespace einet::exec
