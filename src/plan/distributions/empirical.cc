#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "einet/distribution.h"
#include "plan/distributions/bins.h"
#include "plan/distributions/numbers.h"

namespace einet::plan {
namespace {

constexpr const char* kEmpirical = "empirical distribution";

/// Knot 0 is (0, 0), knot k the k-th earliest of m cut-offs, where F = k / m.
class Empirical final : public ExitTimeDistribution {
 public:
  Empirical(std::span<const double> cut_offs, std::string description)
      : time_(cut_offs.size() + 1, 0.0), description_(std::move(description)) {
    std::copy(cut_offs.begin(), cut_offs.end(), time_.begin() + 1);
    std::sort(time_.begin() + 1, time_.end());
  }

  double cdf(double t) const noexcept override {
    if (!(t > 0.0)) return 0.0;
    const auto after = std::upper_bound(time_.begin(), time_.end(), t);
    if (after == time_.end()) return 1.0;
    const double before = *(after - 1);
    return (static_cast<double>(after - time_.begin() - 1) + (t - before) / (*after - before)) / observations();
  }

  double quantile(double p) const noexcept override {
    if (!(p > 0.0)) return 0.0;
    const double rank = std::min(p, 1.0) * observations();
    const auto knot = static_cast<std::size_t>(std::ceil(rank));
    return std::lerp(time_[knot - 1], time_[knot], rank - static_cast<double>(knot - 1));
  }

  double horizon() const noexcept override { return time_.back(); }

  double concavity(double width) const noexcept override {
    return knots_concavity(
        static_cast<int>(observations()), [this](int i) { return time_[i]; },
        [this](int i) { return i / observations(); }, width);
  }

  std::string description() const override {
    if (!description_.empty()) return description_;
    return list_text("observed:", std::span(time_).subspan(1), "s");
  }

 private:
  double observations() const noexcept { return static_cast<double>(time_.size() - 1); }

  std::vector<double> time_;
  std::string description_;
};

}  // namespace

std::shared_ptr<const ExitTimeDistribution> empirical_distribution(std::span<const double> cut_offs,
                                                                   std::string description) {
  if (cut_offs.empty()) throw Error(ErrorKind::kInvalidData, kEmpirical, "no cut-offs were observed");
  for (const double cut_off : cut_offs) require_positive(cut_off, kEmpirical, "an observed cut-off");
  return std::make_shared<Empirical>(cut_offs, std::move(description));
}

}  // namespace einet::plan
