#pragma once

#include <span>

namespace einet::profile {

/// The answer in a row of outputs.
struct TopOne {
  int label = 0;
  float confidence = 0;  ///< max softmax (or the maximum itself when `probabilities`).
};

/// Stable for large logits. A NaN gives confidence 0. No allocation.
TopOne top_one(std::span<const float> outputs, bool probabilities) noexcept;

}  // namespace einet::profile
