#pragma once

#include <cstdint>
#include <memory>

#include "exec/kernels/rows.h"
#include "exec/lowering/network.h"
#include "exec/memory.h"
#include "exec/steps/step.h"

// Convolutions computed by XNNPACK, which reads and writes strided channels-last rows. Without it (EINET_XNNPACK=OFF),
// absent.cc takes the place of layer.cc.

namespace einet::exec {

/// Whether this build has XNNPACK and the processor can run it.
bool has_xnnpack();

/// Whether XNNPACK can compute `convolution`, with any clamp whose bounds differ.
bool suits_xnnpack(const Convolution& convolution);

/// Rows of an arena, in floats.
struct ArenaRows {
  std::int64_t offset = 0, stride = 0;
};

/// y = clamp(W * x + b), for images `input` [N,C,H,W]. Stores its weights in `store`, which must outlive it.
/// has_xnnpack() and suits_xnnpack() must hold.
std::unique_ptr<const LibraryLayer> make_xnnpack_layer(const Convolution& convolution, const graph::Shape& input,
                                                       ArenaRows x, ArenaRows y, Clamp clamp, int threads,
                                                       WeightStore& store);

}  // namespace einet::exec
