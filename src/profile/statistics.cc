#include "profile/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace einet::profile {

double mean(std::span<const double> values) noexcept {
  if (values.empty()) return 0.0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double quantile(std::span<const double> ascending, double p) noexcept {
  if (ascending.empty()) return 0.0;
  const double position = std::clamp(p, 0.0, 1.0) * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  return std::lerp(ascending[below], ascending[above], position - static_cast<double>(below));
}

double nearest_rank(std::span<const double> ascending, double q) noexcept {
  if (ascending.empty()) return 0.0;
  const double rank = std::ceil(q * static_cast<double>(ascending.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return ascending[std::min(index, ascending.size() - 1)];
}

double median(std::vector<double> values) noexcept {
  std::sort(values.begin(), values.end());
  return quantile(values, 0.5);
}

std::vector<double> run_totals(std::span<const double> times, int parts) {
  std::vector<double> totals(times.size() / parts);
  for (std::size_t run = 0; run < totals.size(); ++run) {
    const auto row = times.subspan(run * parts, parts);
    totals[run] = std::accumulate(row.begin(), row.end(), 0.0);
  }
  return totals;
}

std::vector<TimeStat> summarize_runs(std::span<const double> times, int parts) {
  std::vector<TimeStat> result(parts);
  if (parts == 0 || times.empty()) return result;
  const std::size_t runs = times.size() / parts;

  const std::vector<double> totals = run_totals(times, parts);
  std::vector<double> sorted = totals;
  std::sort(sorted.begin(), sorted.end());
  const double limit = quantile(sorted, 0.99);

  std::vector<double> kept;
  kept.reserve(runs);
  for (int part = 0; part < parts; ++part) {
    kept.clear();
    for (std::size_t run = 0; run < runs; ++run) {
      sorted[run] = times[run * parts + part];
      if (totals[run] <= limit) kept.push_back(sorted[run]);
    }
    std::sort(sorted.begin(), sorted.end());
    result[part] = {mean(kept), quantile(sorted, 0.10), quantile(sorted, 0.50), quantile(sorted, 0.90),
                    quantile(sorted, 0.99)};
  }
  return result;
}

TimeStat summarize_runs(std::span<const double> times) { return summarize_runs(times, 1).front(); }

}  // namespace einet::profile
