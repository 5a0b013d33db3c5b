#include <cmath>
#include <limits>

#include "einet/distribution.h"
#include "plan/distributions/numbers.h"

namespace einet::plan {
namespace {

class Exponential final : public ExitTimeDistribution {
 public:
  explicit Exponential(double mean) : mean_(mean) {}
  double cdf(double t) const noexcept override { return t > 0.0 ? -std::expm1(-t / mean_) : 0.0; }
  double quantile(double p) const noexcept override {
    return p < 1.0 ? -mean_ * std::log1p(-p) : std::numeric_limits<double>::infinity();
  }
  double horizon() const noexcept override { return std::numeric_limits<double>::infinity(); }
  /// 1 - cdf is convex.
  double concavity(double) const noexcept override { return 0.0; }
  std::string description() const override { return "exponential:" + to_text(mean_) + "s"; }

 private:
  double mean_;
};

}  // namespace

std::shared_ptr<const ExitTimeDistribution> exponential_distribution(double mean) {
  require_positive(mean, "exponential distribution", "the mean");
  return std::make_shared<Exponential>(mean);
}

}  // namespace einet::plan
