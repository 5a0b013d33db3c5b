#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace einet::predict {

/// A monotone piecewise-linear map from a score to the probability of being right, constant beyond its ends.
struct Curve {
  std::vector<double> score;        ///< Ascending knots.
  std::vector<double> probability;  ///< Non-decreasing, in [0,1]; as many.

  /// Identity when there are no knots. No allocation.
  double operator()(double score) const noexcept;
};

/// Isotonic regression (pool adjacent violators, then at most `max_knots` knots) of right/wrong on the score.
/// `scores` and `right` have equal length; an empty input gives the identity.
Curve fit_isotonic(std::span<const float> scores, std::span<const std::uint8_t> right, int max_knots = 32);

}  // namespace einet::predict
