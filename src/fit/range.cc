// The range is the interval that the integers cover; values outside saturate. A smaller range has finer steps, so the
// largest value is rarely the best limit. kLeastError takes the limit with the least sum of squared errors over the
// distribution, out of 100 limits.

#include "fit/range.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "einet/error.h"

namespace einet::fit {
namespace {

constexpr std::size_t kIntervals = 4096;
constexpr int kLimits = 100;

}  // namespace

RangeRule parse_range_rule(std::string_view text) {
  if (text == "max") return {RangeRule::kLargest, 100.0};
  if (text == "mse") return {RangeRule::kLeastError, 100.0};
  double percentile = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percentile);
  if (error != std::errc{} || end != text.data() + text.size() || !(percentile >= 50.0 && percentile <= 100.0)) {
    throw Error(ErrorKind::kUsage, "range '" + std::string(text) + "'",
                "must be mse, max, or a percentile from 50 to 100 such as 99.9");
  }
  return {RangeRule::kPercentile, percentile};
}

void Distribution::find_range(std::span<const float> values) {
  for (const float value : values) {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
}

void Distribution::count(std::span<const float> values) {
  const float largest = std::max(high_, -low_);
  counts_.resize(kIntervals, 0);
  if (largest <= 0.0f) return;
  const float factor = static_cast<float>(kIntervals) / largest;
  for (const float value : values) {
    const auto interval = static_cast<std::size_t>(std::abs(value) * factor);
    ++counts_[std::min(interval, kIntervals - 1)];
  }
}

graph::Grid Distribution::grid(const RangeRule& rule) const {
  graph::Grid grid;
  if (low_ < 0.0f) {
    grid.low = -128;
    grid.high = 127;
  }
  const double limit = clip(rule);
  grid.scale = limit > 0.0 ? static_cast<float>(limit / grid.high) : 1.0f;
  return grid;
}

double Distribution::clip(const RangeRule& rule) const {
  const double largest = std::max(high_, -low_);
  if (rule.kind == RangeRule::kLargest || counts_.empty() || largest <= 0.0) return largest;
  std::int64_t all = 0;
  for (const std::int64_t count : counts_) all += count;
  if (rule.kind == RangeRule::kPercentile) {
    const double wanted = rule.percentile / 100.0 * static_cast<double>(all);
    std::int64_t below = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      below += counts_[i];
      if (static_cast<double>(below) >= wanted) return largest * static_cast<double>(i + 1) / kIntervals;
    }
    return largest;
  }
  const int steps = low_ < 0.0f ? 127 : 255;
  double best = largest, least = squared_error(largest, steps);
  for (int i = 1; i < kLimits; ++i) {
    const double limit = largest * i / kLimits, error = squared_error(limit, steps);
    if (error >= least) continue;
    best = limit;
    least = error;
  }
  return best;
}

double Distribution::squared_error(double limit, int steps) const {
  const double width = std::max(high_, -low_) / static_cast<double>(kIntervals), scale = limit / steps;
  double sum = 0.0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    const double value = (static_cast<double>(i) + 0.5) * width;
    const double rounded = std::min(std::nearbyint(value / scale), static_cast<double>(steps)) * scale;
    sum += static_cast<double>(counts_[i]) * (value - rounded) * (value - rounded);
  }
  return sum;
}

}  // namespace einet::fit
