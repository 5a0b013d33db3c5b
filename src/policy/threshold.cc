// The dynamic baseline of early-exit networks (BranchyNet, Teerapittayanon et al. 2016): executes every exit until one
// is confident enough, then ends the run. This saves time, which has no value under a cut-off, and executes branches
// that a plan would skip.

#include "einet/policy.h"

namespace einet {
namespace {

class ThresholdPolicy final : public Policy {
 public:
  ThresholdPolicy(int exits, float threshold) : all_(plan::ExitPlan::all(exits)), none_(exits), threshold_(threshold) {}
  const plan::ExitPlan& begin(double) noexcept override { return all_; }
  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    return output.confidence >= threshold_ ? none_ : all_;
  }

 private:
  plan::ExitPlan all_;
  plan::ExitPlan none_;
  float threshold_;
};

}  // namespace

std::unique_ptr<Policy> threshold_policy(int exits, float threshold) {
  return std::make_unique<ThresholdPolicy>(exits, threshold);
}

}  // namespace einet
