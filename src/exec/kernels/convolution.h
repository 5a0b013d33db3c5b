#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "exec/kernels/rows.h"
#include "exec/lowering/network.h"
#include "exec/memory.h"

namespace einet::exec {

/// A convolution of small images with many channels. See convolution.cc.
class StreamedConvolution {
 public:
  /// `input` [N,C,H,W]; suits() must hold. Stores its weights in `store`, which must outlive it.
  StreamedConvolution(const Convolution& convolution, const graph::Shape& input, WeightStore& store);

  /// Whether it has one group, and output channels that fill whole vectors on any machine.
  static bool suits(const Convolution& convolution);

  /// Pieces of the output channels that can be computed independently.
  std::int64_t pieces() const;

  /// y = clamp(W * x + b + residual) for `count` pieces, starting at `first`. The data of `residual` may be null; y
  /// must not overlap the others.
  void run(Source x, Source residual, Target y, std::int64_t first, std::int64_t count, Clamp clamp) const;

  /// Where one element of the window is inside the images: outputs [begin, end) of each dimension.
  struct Tap {
    std::array<std::int64_t, 2> begin, end;
    std::int64_t shift;  ///< From pixel (0, 0) of the input to the pixel that output (0, 0) would read, in pixels.
  };

 private:
  std::int64_t images_, inputs_, outputs_;
  std::int64_t input_area_, input_width_, output_area_, output_width_;
  std::array<std::int64_t, 2> strides_;
  std::vector<Tap> taps_;  ///< Only those that are inside the images for some output.
  float* weights_;         ///< [taps][chunks of inputs][pieces][inputs of a chunk][outputs of a piece]
  float* bias_;
};

}  // namespace einet::exec
