#pragma once

#include <cstdint>
#include <span>

namespace einet::profile {

/// A class and the share of samples that have it.
struct ClassShare {
  int label = -1;  ///< -1 if there are no samples.
  double share = 0.0;
};

/// The most frequent of `labels` (all >= 0); the smallest of those if several are equally frequent.
ClassShare most_frequent_class(std::span<const std::int32_t> labels);

}  // namespace einet::profile
