#pragma once

#include <algorithm>

#include "einet/plan/distribution.h"

namespace einet::plan {

/// G(t) = 1 - F(t) = P(the run is still going at t), without the virtual call where F is uniform.
/// The distribution must outlive it.
class Survival {
 public:
  explicit Survival(const ExitTimeDistribution& distribution) noexcept
      : distribution_(&distribution), rate_(distribution.is_uniform() ? 1.0 / distribution.horizon() : 0.0) {}

  double operator()(double t) const noexcept {
    if (rate_ > 0.0) return std::max(0.0, 1.0 - t * rate_);
    return 1.0 - distribution_->cdf(t);
  }

 private:
  const ExitTimeDistribution* distribution_;
  double rate_;  ///< Density of the uniform distribution; 0 for every other.
};

/// Scores as planners read them: NaN and anything below 0 count as 0, anything above 1 as 1.
inline double clean_score(double score) noexcept { return std::min(1.0, score > 0.0 ? score : 0.0); }

/// Elapsed times as planners read them: NaN and anything negative count as 0.
inline double clean_elapsed(double elapsed) noexcept { return elapsed > 0.0 ? elapsed : 0.0; }

}  // namespace einet::plan
