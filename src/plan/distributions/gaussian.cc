// A Gaussian truncated to [0, T]: F(t) = P(0 <= X <= t) / P(0 <= X <= T), X ~ N(mu, sigma).
//
// The mass between two points is computed as a difference of tails on the side where both are small, so that a Gaussian
// with a mean outside [0, T] is computed precisely.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "einet/distribution.h"
#include "plan/distributions/numbers.h"

namespace einet::plan {
namespace {

constexpr const char* kGaussian = "gaussian distribution";

/// P(X > z) for a standard normal X.
double upper_tail(double z) noexcept { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

class Gaussian final : public ExitTimeDistribution {
 public:
  Gaussian(double mu, double sigma, double horizon)
      : mu_(mu),
        sigma_(sigma),
        horizon_(horizon),
        // Mirroring turns the far tail into an upper tail, which is precise if the mass lies beyond the mean.
        sign_(mu > 0.5 ? -1.0 : 1.0),
        tail_at_begin_(upper_tail(standard(0.0))),
        mass_(std::abs(tail_at_begin_ - upper_tail(standard(horizon)))) {
    if (!(mass_ >= std::numeric_limits<double>::min())) {
      throw Error(ErrorKind::kInvalidData, kGaussian, "none of its mass lies between 0 and the horizon");
    }
  }

  double cdf(double t) const noexcept override {
    if (t <= 0.0) return 0.0;
    if (t >= horizon_) return 1.0;
    return std::min(1.0, std::abs(tail_at_begin_ - upper_tail(standard(t))) / mass_);
  }

  /// By bisection: a closed form would need the inverse of erfc, and quantiles are not time-critical.
  double quantile(double p) const noexcept override {
    if (p <= 0.0) return 0.0;
    double below = 0.0;
    double reached = horizon_;
    while (true) {
      const double middle = std::midpoint(below, reached);
      if (middle <= below || middle >= reached) return reached;
      (cdf(middle) >= p ? reached : below) = middle;
    }
  }

  double horizon() const noexcept override { return horizon_; }

  /// 1 - cdf is concave where the density rises, at most by the greatest slope of the density, one sigma before the
  /// mean.
  double concavity(double width) const noexcept override {
    const double greatest_slope = 0.24197072451914337 / (sigma_ * sigma_ * horizon_ * horizon_ * mass_);
    return std::min(1.0, greatest_slope * width * width / 8.0);
  }

  std::string description() const override { return "gaussian:" + to_text(mu_) + "," + to_text(sigma_); }

 private:
  double standard(double t) const noexcept { return sign_ * (t / horizon_ - mu_) / sigma_; }

  double mu_;
  double sigma_;
  double horizon_;
  double sign_;
  double tail_at_begin_;
  double mass_;
};

}  // namespace

std::shared_ptr<const ExitTimeDistribution> gaussian_distribution(double mu, double sigma, double horizon) {
  if (!std::isfinite(mu)) throw Error(ErrorKind::kInvalidData, kGaussian, "the mean is not a finite number");
  require_positive(sigma, kGaussian, "sigma");
  require_positive(horizon, kGaussian, "the horizon");
  return std::make_shared<Gaussian>(mu, sigma, horizon);
}

}  // namespace einet::plan
