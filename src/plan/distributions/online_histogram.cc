// Learns the cut-offs of the device it runs on: one weight per bin, incremented for every cut-off in it.
//
// The uniform prior makes the first plans reasonable: after k observations its weight is prior / (prior + k). With a
// memory of m, every observation first multiplies all weights by (1 - 1/m), so that old observations lose influence.
//
// O(bins) per observation, O(1) per cdf().

#include <cmath>
#include <string>

#include "einet/distribution.h"
#include "plan/distributions/bins.h"
#include "plan/distributions/numbers.h"

namespace einet::plan {
namespace {

constexpr const char* kOnlineHistogram = "online histogram";

auto levels(const std::vector<std::atomic<double>>& cumulative) {
  return [&cumulative](int i) { return cumulative[i].load(std::memory_order_relaxed); };
}

}  // namespace

OnlineHistogram::OnlineHistogram(double horizon, const HistogramOptions& options)
    : horizon_(horizon), decay_(options.memory == 0.0 ? 1.0 : 1.0 - 1.0 / options.memory) {
  require_positive(horizon, kOnlineHistogram, "the horizon");
  require_positive(options.prior_weight, kOnlineHistogram, "the weight of the prior");
  if (options.bins < 1 || options.bins > 4096) {
    throw Error(ErrorKind::kInvalidData, kOnlineHistogram,
                std::to_string(options.bins) + " bins; it must be from 1 to 4096");
  }
  if (options.memory != 0.0 && !(options.memory >= 1.0 && std::isfinite(options.memory))) {
    throw Error(ErrorKind::kInvalidData, kOnlineHistogram,
                "a memory of " + to_text(options.memory) + " observations; it must be 0 or at least 1");
  }
  weights_.assign(options.bins, options.prior_weight / options.bins);
  cumulative_ = std::vector<std::atomic<double>>(options.bins + 1);
  publish();
}

void OnlineHistogram::observe(double t) noexcept {
  if (!(t >= 0.0)) return;
  const int bins = static_cast<int>(weights_.size());
  const int bin = t < horizon_ ? std::min(static_cast<int>(t / horizon_ * bins), bins - 1) : bins - 1;
  const std::lock_guard lock(observers_);
  for (double& weight : weights_) weight *= decay_;
  weights_[bin] += 1.0;
  publish();
  version_.fetch_add(1, std::memory_order_release);
}

void OnlineHistogram::publish() noexcept {
  double sum = 0.0;
  for (const double weight : weights_) sum += weight;
  double below = 0.0;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    below += weights_[i];
    cumulative_[i + 1].store(std::min(1.0, below / sum), std::memory_order_relaxed);
  }
}

double OnlineHistogram::cdf(double t) const noexcept {
  return bins_cdf(t, horizon_, static_cast<int>(weights_.size()), levels(cumulative_));
}

double OnlineHistogram::quantile(double p) const noexcept {
  return bins_quantile(p, horizon_, static_cast<int>(weights_.size()), levels(cumulative_));
}

double OnlineHistogram::concavity(double width) const noexcept {
  const int bins = static_cast<int>(weights_.size());
  return knots_concavity(
      bins, [&](int i) { return horizon_ * i / bins; }, levels(cumulative_), width);
}

std::string OnlineHistogram::description() const {
  std::vector<double> masses(weights_.size());
  for (std::size_t i = 0; i < masses.size(); ++i) {
    masses[i] = std::max(0.0, levels(cumulative_)(i + 1) - levels(cumulative_)(i));
  }
  return list_text("histogram:", masses, "");
}

}  // namespace einet::plan
