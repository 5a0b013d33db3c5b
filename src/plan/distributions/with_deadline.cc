#include <algorithm>
#include <utility>

#include "einet/distribution.h"
#include "einet/error.h"
#include "plan/distributions/numbers.h"

namespace einet::plan {
namespace {

class WithDeadline final : public ExitTimeDistribution {
 public:
  WithDeadline(std::shared_ptr<const ExitTimeDistribution> distribution, double deadline)
      : distribution_(std::move(distribution)), deadline_(deadline) {}
  double cdf(double t) const noexcept override { return t >= deadline_ ? 1.0 : distribution_->cdf(t); }
  double quantile(double p) const noexcept override { return std::min(distribution_->quantile(p), deadline_); }
  double horizon() const noexcept override { return deadline_; }
  std::uint64_t version() const noexcept override { return distribution_->version(); }
  std::string description() const override {
    return distribution_->description() + " until " + to_text(deadline_) + "s";
  }

 private:
  std::shared_ptr<const ExitTimeDistribution> distribution_;
  double deadline_;
};

}  // namespace

std::shared_ptr<const ExitTimeDistribution> with_deadline(std::shared_ptr<const ExitTimeDistribution> distribution,
                                                          double deadline) {
  if (!distribution) throw Error(ErrorKind::kInvalidData, "known deadline", "needs a distribution");
  require_positive(deadline, "known deadline", "the deadline");
  if (deadline >= distribution->horizon()) return distribution;
  return std::make_shared<WithDeadline>(std::move(distribution), deadline);
}

}  // namespace einet::plan
