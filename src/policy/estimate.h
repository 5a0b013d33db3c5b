#pragma once

#include <limits>
#include <span>

namespace einet::policy {

/// A mean over samples with its standard error, sd/sqrt(N), which is NaN for fewer than two samples.
struct Estimate {
  double mean = 0.0;
  double standard_error = std::numeric_limits<double>::quiet_NaN();
};
Estimate estimate(std::span<const double> values);
/// Estimate of a[i] - b[i]: the difference between two methods on the same samples.
Estimate paired_difference(std::span<const double> a, std::span<const double> b);

}  // namespace einet::policy
