#include <algorithm>

#include "einet/distribution.h"
#include "plan/distributions/numbers.h"

namespace einet::plan {
namespace {

class Uniform final : public ExitTimeDistribution {
 public:
  explicit Uniform(double horizon) : horizon_(horizon) {}
  double cdf(double t) const noexcept override { return std::clamp(t / horizon_, 0.0, 1.0); }
  double quantile(double p) const noexcept override { return p * horizon_; }
  double horizon() const noexcept override { return horizon_; }
  bool is_uniform() const noexcept override { return true; }
  double concavity(double) const noexcept override { return 0.0; }
  std::string description() const override { return "uniform"; }

 private:
  double horizon_;
};

}  // namespace

std::shared_ptr<const ExitTimeDistribution> uniform_distribution(double horizon) {
  require_positive(horizon, "uniform distribution", "the horizon");
  return std::make_shared<Uniform>(horizon);
}

}  // namespace einet::plan
