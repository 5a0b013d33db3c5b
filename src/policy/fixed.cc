#include "einet/policy.h"

namespace einet {
namespace {

class FixedPolicy final : public Policy {
 public:
  explicit FixedPolicy(const plan::ExitPlan& plan) : plan_(plan) {}
  const plan::ExitPlan& begin(double) noexcept override { return plan_; }
  const plan::ExitPlan& after(const BranchOutput&) noexcept override { return plan_; }

 private:
  plan::ExitPlan plan_;
};

}  // namespace

std::unique_ptr<Policy> fixed_policy(const plan::ExitPlan& plan) { return std::make_unique<FixedPolicy>(plan); }

}  // namespace einet
