#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/quantized.h"

namespace einet::fit {

/// How the range of a quantised value is chosen from its distribution.
struct RangeRule {
  enum Kind { kLargest, kPercentile, kLeastError } kind = kLeastError;
  double percentile = 99.99;  ///< Of the absolute values, for kPercentile.
};

/// "max", "mse", or a percentile: "99.9". Throws kUsage.
RangeRule parse_range_rule(std::string_view text);

/// The distribution of one value of a network. First find_range() with all elements, then count() with all of them.
class Distribution {
 public:
  void find_range(std::span<const float> values);
  void count(std::span<const float> values);

  /// uint8 with the zero point 0 if no value is negative, otherwise int8 with the zero point 0.
  graph::Grid grid(const RangeRule& rule) const;

 private:
  double clip(const RangeRule& rule) const;
  double squared_error(double limit, int steps) const;

  float low_ = 0.0f, high_ = 0.0f;
  std::vector<std::int64_t> counts_;  ///< Of absolute values, in equal intervals up to the largest one.
};

}  // namespace einet::fit
