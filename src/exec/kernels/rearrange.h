#pragma once

#include <cstdint>
#include <vector>

#include "exec/lowering/network.h"

namespace einet::exec {

/// A Rearrange made ready: dimensions joined where that keeps the inner loop long, runs of neighbours found.
class Rearrangement {
 public:
  explicit Rearrangement(const Rearrange& rearrange);
  /// Writes the whole result, densely; x and y must not overlap. Allocates nothing.
  void run(const float* x, float* y) const;

 private:
  void fill(const float* x, bool filled, std::size_t d, float*& y) const;

  std::vector<std::vector<std::int64_t>> offsets_;  ///< kFilled = nowhere.
  bool run_ = false;                                ///< The innermost dimension reads neighbours.
  float fill_;
};

}  // namespace einet::exec
