#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace einet::predict {

/// A monotone piecewise-linear map from a score to the probability of being right, constant beyond its ends.
struct Curve {
  std::vector<double> score;        ///< Strictly ascending knots.
  std::vector<double> probability;  ///< Non-decreasing, in [0,1]; one per knot.

  /// Identity if there are no knots; NaN is treated as the lowest score. No allocation.
  double operator()(double score) const noexcept;
  /// Throws kInvalidData naming `name` if a condition stated above does not hold.
  void validate(const std::string& name) const;
};

/// Isotonic regression (pool adjacent violators, then at most `max_knots` knots) of right/wrong on the score.
/// `scores` and `right` have equal length; an empty input gives the identity.
Curve fit_isotonic(std::span<const float> scores, std::span<const std::uint8_t> right, int max_knots = 32);

/// Samples pooled into one level of an isotonic fit.
struct IsotonicLevel {
  double weight = 0;       ///< Number of samples.
  double score = 0;        ///< Mean score.
  double probability = 0;  ///< Share of samples that are right.
};

/// The plain isotonic regression: the non-decreasing step function with the least squared error, as its levels in
/// ascending order of score (probabilities strictly increase). O(N log N).
std::vector<IsotonicLevel> pool_adjacent_violators(std::span<const float> scores, std::span<const std::uint8_t> right);

}  // namespace einet::predict
