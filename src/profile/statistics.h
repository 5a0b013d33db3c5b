#pragma once

#include <span>
#include <vector>

namespace einet::profile {

/// Summary of many timings of one part, in seconds.
struct TimeStat {
  double mean = 0, p10 = 0, p50 = 0, p90 = 0, p99 = 0;

  /// p90 / p10; 1 if p10 is 0.
  double spread() const { return p10 > 0 ? p90 / p10 : 1.0; }
};

/// Arithmetic mean; 0 if empty.
double mean(std::span<const double> values) noexcept;

/// The p-quantile, 0 <= p <= 1, of values in ascending order: linear interpolation between the two nearest order
/// statistics (type 7 of Hyndman and Fan, NumPy's default). 0 if empty.
double quantile(std::span<const double> ascending, double p) noexcept;

/// The smallest of values in ascending order that at least a share q of them does not exceed, 0 <= q <= 1: an observed
/// value, also for quantiles near 1. 0 if empty.
double nearest_rank(std::span<const double> ascending, double q) noexcept;

/// The median; 0 if empty.
double median(std::vector<double> values) noexcept;

/// Summarises `runs` of equal length: `times` is [runs, parts]; the result has one entry per part.
///
/// Quantiles are over all runs. The mean excludes runs whose total is above the 99th percentile of the totals: those
/// were disturbed from outside (interrupts, other processes), which would affect the means of all parts.
std::vector<TimeStat> summarize_runs(std::span<const double> times, int parts);

/// The total of each run of `times`, [runs, parts].
std::vector<double> run_totals(std::span<const double> times, int parts);

/// Summarises runs with a single part.
TimeStat summarize_runs(std::span<const double> times);

}  // namespace einet::profile
