#include "eval/simulate.h"

#include <gtest/gtest.h>

#include "einet/planner.h"
#include "policy/brute_force.h"
#include "policy/random_profile.h"

namespace einet::eval {
namespace {

using testing::random_profile;
using testing::random_times;
using testing::RandomReplanningPolicy;
using testing::right_when_cut;

TEST(Simulate, AMethodUsesThePolicyOfTheScoredHalf) {
  constexpr int kExits = 3;
  const profile::CsProfile profile = random_profile(kExits, 11, 5);
  const plan::BlockTimes times = random_times(kExits, 5);
  const auto distribution = plan::uniform_distribution(times.total());
  const plan::ExitPlan even = plan::static_plan(kExits, 0.3), odd = plan::ExitPlan::all(kExits);
  Method method{.name = "m",
                .summary = "",
                .policy = {[even] { return fixed_policy(even); }, [odd] { return fixed_policy(odd); }},
                .publish = Publish::kLatest};
  const auto scores = simulate(method, profile, times, *distribution);
  const auto all_even = policy::simulate(*fixed_policy(even), Publish::kLatest, profile, times, *distribution);
  const auto all_odd = policy::simulate(*fixed_policy(odd), Publish::kLatest, profile, times, *distribution);
  for (int sample = 0; sample < 11; ++sample) {
    EXPECT_EQ(scores[sample], sample % 2 == 0 ? all_even[sample] : all_odd[sample]);
  }
}

TEST(AccuracyAt, CountsTheRightAnswersAtEachCutOff) {
  static constexpr int kExits = 5;
  const profile::CsProfile profile = random_profile(kExits, 40, 3);
  const plan::BlockTimes times = random_times(kExits, 3);
  const PolicyFactory replanning = [] { return std::make_unique<RandomReplanningPolicy>(kExits); };
  for (const Publish publish : {Publish::kLatest, Publish::kMostConfident}) {
    const Method method{.name = "m", .summary = "", .policy = {replanning, replanning}, .publish = publish};
    std::vector<double> cuts;
    for (int c = 0; c <= 100; ++c) cuts.push_back(times.total() * 1.1 * c / 100);
    const auto accuracy = accuracy_at(method, profile, times, cuts);
    RandomReplanningPolicy policy(kExits);
    for (std::size_t c = 0; c < cuts.size(); ++c) {
      int right = 0;
      for (int sample = 0; sample < 40; ++sample) {
        right += right_when_cut(policy, publish, profile, sample, times, cuts[c]);
      }
      EXPECT_DOUBLE_EQ(accuracy[c], right / 40.0);
    }
  }
}

}  // namespace
}  // namespace einet::eval
