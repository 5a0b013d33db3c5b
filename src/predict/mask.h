#pragma once

#include <span>

#include "einet/plan.h"

namespace einet::predict {

/// Converts a score to a probability: clamped to [0,1], NaN becomes 0.
inline double to_unit(double score) noexcept { return score >= 0.0 ? (score < 1.0 ? score : 1.0) : 0.0; }

/// The mask (paper eq. 1): scores of executed exits are the observed confidences, not predictions.
inline void mask_seen(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
                      std::span<double> scores) noexcept {
  for (int k = 0; k <= exit; ++k) {
    if (executed.contains(k)) scores[k] = confidence[k];
  }
}

}  // namespace einet::predict
