#include <cmath>
#include <string>
#include <vector>

#include "einet/distribution.h"
#include "plan/distributions/bins.h"
#include "plan/distributions/numbers.h"

namespace einet::plan {
namespace {

constexpr const char* kHistogram = "histogram distribution";

/// F at knot i.
struct Level {
  const double* levels;
  double operator()(int i) const noexcept { return levels[i]; }
};

class Histogram final : public ExitTimeDistribution {
 public:
  Histogram(std::span<const double> weights, double sum, double horizon)
      : horizon_(horizon), weights_(weights.begin(), weights.end()), level_(weights.size() + 1, 0.0) {
    double below = 0.0;
    for (std::size_t i = 0; i < weights.size(); ++i) level_[i + 1] = std::min(1.0, (below += weights[i]) / sum);
  }

  double cdf(double t) const noexcept override { return bins_cdf(t, horizon_, bins(), Level{level_.data()}); }
  double quantile(double p) const noexcept override { return bins_quantile(p, horizon_, bins(), Level{level_.data()}); }
  double horizon() const noexcept override { return horizon_; }
  double concavity(double width) const noexcept override {
    return knots_concavity(
        bins(), [this](int i) { return horizon_ * i / bins(); }, Level{level_.data()}, width);
  }
  std::string description() const override { return list_text("histogram:", weights_, ""); }

 private:
  int bins() const noexcept { return static_cast<int>(weights_.size()); }

  double horizon_;
  std::vector<double> weights_;
  std::vector<double> level_;
};

}  // namespace

std::shared_ptr<const ExitTimeDistribution> histogram_distribution(std::span<const double> weights, double horizon) {
  require_positive(horizon, kHistogram, "the horizon");
  double sum = 0.0;
  for (const double weight : weights) {
    if (!(weight >= 0.0 && std::isfinite(weight))) {
      throw Error(ErrorKind::kInvalidData, kHistogram, "weight " + to_text(weight) + " is not a finite number >= 0");
    }
    sum += weight;
  }
  require_positive(sum, kHistogram, "the sum of the weights");
  return std::make_shared<Histogram>(weights, sum, horizon);
}

}  // namespace einet::plan
