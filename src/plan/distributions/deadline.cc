#include "einet/distribution.h"
#include "plan/distributions/numbers.h"

namespace einet::plan {
namespace {

class Deadline final : public ExitTimeDistribution {
 public:
  explicit Deadline(double deadline) : deadline_(deadline) {}
  double cdf(double t) const noexcept override { return t >= deadline_ ? 1.0 : 0.0; }
  double quantile(double p) const noexcept override { return p > 0.0 ? deadline_ : 0.0; }
  double sample(std::mt19937_64&) const override { return deadline_; }
  double horizon() const noexcept override { return deadline_; }
  std::string description() const override { return "deadline:" + to_text(deadline_) + "s"; }

 private:
  double deadline_;
};

}  // namespace

std::shared_ptr<const ExitTimeDistribution> deadline_distribution(double deadline) {
  require_positive(deadline, "deadline distribution", "the deadline");
  return std::make_shared<Deadline>(deadline);
}

}  // namespace einet::plan
