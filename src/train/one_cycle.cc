#include "train/one_cycle.h"

#include <cmath>
#include <numbers>

namespace einet::train {
namespace {

/// From `from` to `to` along half a cosine while `share` goes from 0 to 1.
double arc(double from, double to, double share) {
  return to + (from - to) * (1 + std::cos(std::numbers::pi * share)) / 2;
}

}  // namespace

double one_cycle(double peak, std::int64_t step, std::int64_t steps) {
  constexpr double kWarmUp = 0.25;
  const double first = peak / 25;
  const double last = peak * 1e-4;
  const double position = steps > 1 ? static_cast<double>(step) / static_cast<double>(steps - 1) : 1.0;
  return position < kWarmUp ? arc(first, peak, position / kWarmUp)
                            : arc(peak, last, (position - kWarmUp) / (1 - kWarmUp));
}

}  // namespace einet::train
