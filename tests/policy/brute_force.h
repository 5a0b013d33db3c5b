#pragma once

#include <random>

#include "einet/policy.h"
#include "policy/publish.h"
#include "profile/cs_profile.h"

namespace einet::testing {

/// A policy that re-plans: draws another plan after every output, seeded by the output.
class RandomReplanningPolicy final : public Policy {
 public:
  explicit RandomReplanningPolicy(int exits, double planning = 0.0) : exits_(exits), planning_(planning) {}
  const plan::ExitPlan& begin(double) noexcept override { return draw(exits_); }
  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    return draw(static_cast<unsigned>(output.exit * 1009 + output.confidence * 4093 + output.elapsed * 257));
  }
  bool replans() const noexcept override { return true; }
  double planning_seconds(int) const noexcept override { return planning_; }

 private:
  const plan::ExitPlan& draw(unsigned seed) noexcept {
    std::minstd_rand random(seed + 1);
    plan_ = plan::ExitPlan(exits_);
    for (int exit = 0; exit < exits_; ++exit) {
      if (random() % 3 != 0) plan_.insert(exit);
    }
    return plan_;
  }
  int exits_;
  double planning_;
  plan::ExitPlan plan_;
};

/// The oracle of the tests: a run as in docs/definitions.md, cut off at `cut`; returns whether its answer is right.
inline bool right_when_cut(Policy& policy, Publish publish, const profile::CsProfile& profile, int sample,
                           const plan::BlockTimes& times, double cut) {
  plan::ExitPlan plan = policy.begin();
  double now = 0.0;
  int shown = -1;
  for (int i = 0; i < profile.exits; ++i) {
    now += times.conv[i];
    if (!plan.contains(i)) continue;
    now += times.branch[i];
    if (now > cut) break;
    const float confidence = profile.confidence_at(sample, i);
    if (shown < 0 || publish == Publish::kLatest || confidence > profile.confidence_at(sample, shown)) shown = i;
    plan = policy.after({i, profile.predicted_at(sample, i), confidence, now});
    now += policy.planning_seconds(i);
  }
  return shown >= 0 && profile.right(sample, shown);
}

}  // namespace einet::testing
