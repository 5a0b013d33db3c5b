#pragma once

#include <algorithm>
#include <cmath>

namespace einet::plan {

// Arithmetic of a piecewise linear F, shared by such distributions. `level(i)` is F at knot i.

/// F at `t`, with knots 0..bins evenly spaced over [0, horizon].
template <class Level>
double bins_cdf(double t, double horizon, int bins, Level level) noexcept {
  if (!(t > 0.0)) return 0.0;
  if (t >= horizon) return 1.0;
  const double position = t / horizon * bins;
  const int bin = std::min(static_cast<int>(position), bins - 1);
  const double low = level(bin);
  return std::min(1.0, low + (position - bin) * (level(bin + 1) - low));
}

/// The least t with F(t) >= p, for the same knots.
template <class Level>
double bins_quantile(double p, double horizon, int bins, Level level) noexcept {
  if (!(p > 0.0)) return 0.0;
  int low = 0;  // F(knot low) < p
  int high = bins;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (level(middle) >= p ? high : low) = middle;
  }
  const double below = level(low);
  const double rise = level(high) - below;
  const double share = rise > 0.0 ? std::min(1.0, (p - below) / rise) : 1.0;
  return (low + share) / bins * horizon;
}

/// ExitTimeDistribution::concavity() of knots 0..last at time(i): 1 - F is concave where the density rises, and a
/// single rise by d bends it at most d * width / 4 above a chord. 1 if F has a step.
template <class Time, class Level>
double knots_concavity(int last, Time time, Level level, double width) noexcept {
  const auto density = [&](int i) {  // Between knots i and i + 1.
    const double length = time(i + 1) - time(i);
    return length > 0.0 ? (level(i + 1) - level(i)) / length : HUGE_VAL;
  };
  const auto rise = [&](int i) { return std::max(0.0, density(i) - density(i - 1)); };
  double most = 0.0;
  double within = 0.0;  // Sum of rises at knots first..i.
  int first = 1;
  for (int i = 1; i < last; ++i) {
    if (density(i) == HUGE_VAL || density(i - 1) == HUGE_VAL) return 1.0;
    within += rise(i);
    while (time(i) - time(first) > width) within -= rise(first++);
    most = std::max(most, within);
  }
  // `within` is a running difference; the factor covers its rounding error.
  return std::min(1.0, 1.0001 * most * width / 4.0);
}

}  // namespace einet::plan
