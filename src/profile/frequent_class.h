#pragma once

#include <cstdint>
#include <span>

namespace einet::profile {

/// A class and the share of samples that have it.
struct ClassShare {
  int label = -1;  ///< -1 of no samples.
  double share = 0.0;
};

/// The most frequent of `labels`, which are at least 0; of equally frequent ones the smallest.
ClassShare most_frequent_class(std::span<const std::int32_t> labels);

}  // namespace einet::profile
