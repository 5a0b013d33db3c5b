#pragma once

#include <cstdint>
#include <vector>

#include "exec/kernels/rows.h"
#include "exec/memory.h"

namespace einet::exec {

/// A 1x1 convolution: every row times one matrix. See pointwise.cc.
class Pointwise {
 public:
  /// `weights` [outputs,inputs], `bias` [outputs]. Copies them to `store`, which must outlive it.
  Pointwise(std::int64_t inputs, std::int64_t outputs, const std::vector<float>& weights,
            const std::vector<float>& bias, WeightStore& store);

  /// y = clamp(W x + b) for `pixels` rows; x and y must not overlap.
  void run(Source x, Target y, std::int64_t pixels, Clamp clamp) const;

 private:
  std::int64_t inputs_, outputs_;
  float* panels_;  ///< [outputs/kPanel rounded up][inputs][kPanel], zero padded.
  float* bias_;    ///< Padded in the same way.
};

}  // namespace einet::exec
