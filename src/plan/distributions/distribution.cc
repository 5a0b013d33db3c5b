#include "einet/distribution.h"

namespace einet::plan {

double ExitTimeDistribution::survival(double t, double elapsed) const noexcept {
  const double now = 1.0 - cdf(elapsed);
  return now > 0.0 ? (1.0 - cdf(t)) / now : 0.0;
}

double ExitTimeDistribution::sample(std::mt19937_64& random) const {
  return quantile(std::uniform_real_distribution<double>(0.0, 1.0)(random));
}

}  // namespace einet::plan
