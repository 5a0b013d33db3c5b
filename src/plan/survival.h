#pragma once

#include <algorithm>
#include <cmath>

#include "einet/distribution.h"
#include "einet/plan.h"

namespace einet::plan {

/// A known deadline as used by planners: NaN means none, negative values count as 0. Reduced by a relative 1e-12, since
/// a sum of block times equal to the deadline may be less by a rounding error.
inline double clean_deadline(double deadline) noexcept {
  if (std::isnan(deadline)) return kNoDeadline;
  return std::max(0.0, deadline * (1.0 - 1e-12));
}

/// G(t) = 1 - F(t) = P(the run is still running at t), without the virtual call if F is uniform; 0 from a known
/// deadline onwards. The distribution must outlive it.
class Survival {
 public:
  explicit Survival(const ExitTimeDistribution& distribution, double deadline = kNoDeadline) noexcept
      : distribution_(&distribution),
        rate_(distribution.is_uniform() ? 1.0 / distribution.horizon() : 0.0),
        deadline_(deadline) {}

  /// Survival under a known deadline, kNoDeadline = none.
  void set_deadline(double deadline) noexcept { deadline_ = deadline; }
  double deadline() const noexcept { return deadline_; }

  double operator()(double t) const noexcept {
    if (t >= deadline_) return 0.0;
    if (rate_ > 0.0) return std::max(0.0, 1.0 - t * rate_);
    return 1.0 - distribution_->cdf(t);
  }

 private:
  const ExitTimeDistribution* distribution_;
  double rate_;  ///< Density of the uniform distribution; 0 for every other.
  double deadline_;
};

/// Scores as used by planners: NaN and anything below 0 count as 0, anything above 1 as 1.
inline double clean_score(double score) noexcept { return std::min(1.0, score > 0.0 ? score : 0.0); }

/// Elapsed times as used by planners: NaN and anything negative count as 0.
inline double clean_elapsed(double elapsed) noexcept { return elapsed > 0.0 ? elapsed : 0.0; }

}  // namespace einet::plan
