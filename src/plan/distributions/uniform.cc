#include <algorithm>
#include <cmath>

#include "einet/core/error.h"
#include "einet/plan/distribution.h"

namespace einet::plan {
namespace {

class Uniform final : public ExitTimeDistribution {
 public:
  explicit Uniform(double horizon) : horizon_(horizon) {}
  double cdf(double t) const noexcept override { return std::clamp(t / horizon_, 0.0, 1.0); }
  double sample(std::mt19937_64& random) const override {
    return std::uniform_real_distribution<double>(0.0, horizon_)(random);
  }
  double quantile(double p) const noexcept override { return std::clamp(p, 0.0, 1.0) * horizon_; }
  double horizon() const noexcept override { return horizon_; }
  bool is_uniform() const noexcept override { return true; }
  std::string description() const override { return "uniform"; }

 private:
  double horizon_;
};

}  // namespace

std::shared_ptr<const ExitTimeDistribution> uniform_distribution(double horizon) {
  if (!(horizon > 0.0 && std::isfinite(horizon))) {
    throw Error(ErrorKind::kInvalidData, "uniform distribution", "the horizon must be positive and finite");
  }
  return std::make_shared<Uniform>(horizon);
}

}  // namespace einet::plan
