#pragma once

#include <cstdint>
#include <vector>

#include "exec/lowering/network.h"

namespace einet::exec {

/// A prepared Rearrange: dimensions are merged to keep the inner loop long, and runs of neighbours are detected.
class Rearrangement {
 public:
  explicit Rearrangement(const Rearrange& rearrange);
  /// Writes the whole result without gaps; x and y must not overlap. Allocates nothing.
  void run(const float* x, float* y) const;

 private:
  void fill(const float* x, bool filled, std::size_t d, float*& y) const;

  std::vector<std::vector<std::int64_t>> offsets_;  ///< kFilled = no element.
  bool run_ = false;                                ///< Whether the innermost dimension reads neighbouring elements.
  float fill_;
};

}  // namespace einet::exec
