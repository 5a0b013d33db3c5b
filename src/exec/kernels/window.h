#pragma once

#include <cstdint>

#include "exec/kernels/rows.h"
#include "exec/lowering/network.h"

namespace einet::exec {

/// Max or average pooling of [N,H,W,C] to [N,OH,OW,C]; `height` and `width` are those of x.
void pool_rows(const Pool& pool, Source x, std::int64_t images, std::int64_t height, std::int64_t width, Target y,
               std::int64_t channels, Clamp clamp);

/// The largest Lrn::size that lrn_rows() supports.
inline constexpr std::int64_t kMostNeighbours = 64;

/// Local response normalisation across the channels of each row.
void lrn_rows(const Lrn& lrn, Source x, Target y, Extent extent, Clamp clamp);

}  // namespace einet::exec
