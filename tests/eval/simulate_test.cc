#include "einet/eval/simulate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "einet/plan/planner.h"
#include "eval/random_profile.h"

namespace einet::eval {
namespace {

using testing::random_profile;
using testing::random_times;

plan::ExitPlan plan_of(int exits, std::initializer_list<int> members) {
  plan::ExitPlan plan(exits);
  for (const int exit : members) plan.insert(exit);
  return plan;
}

/// Draws another plan after every output, from nothing but what it is told: a policy that really re-plans.
class WhimsicalPolicy final : public Policy {
 public:
  explicit WhimsicalPolicy(int exits) : exits_(exits) {}
  const plan::ExitPlan& begin(double) noexcept override { return draw(exits_); }
  const plan::ExitPlan& after(int exit, float confidence, double elapsed) noexcept override {
    return draw(static_cast<unsigned>(exit * 1009 + confidence * 4093 + elapsed * 257));
  }
  bool replans() const noexcept override { return true; }

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
  plan::ExitPlan plan_;
};

/// The oracle of the tests: a run as in docs/definitions.md, cut off at `cut`; says whether the answer found is right.
bool right_when_cut(Policy& policy, Publish publish, const profile::CsProfile& profile, int sample,
                    const plan::BlockTimes& times, const std::vector<double>& planning, double cut) {
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
    plan = policy.after(i, confidence, now);
    if (!planning.empty()) now += planning[i];
  }
  return shown >= 0 && profile.right(sample, shown);
}

TEST(Simulate, ByHand) {
  profile::CsProfile profile;
  profile.exits = 3;
  profile.labels = {7};
  profile.predicted = {7, 2, 7};
  profile.confidence = {0.6f, 0.5f, 0.9f};
  const plan::BlockTimes times{.conv = {0.5, 1.0, 0.5}, .branch = {0.5, 1.0, 0.5}, .planning = {}};
  const auto uniform = plan::uniform_distribution(5.0);
  // All exits: answers at 1 (right), 3 (wrong), 4 (right) of 5.
  const auto all = fixed_policy(plan::ExitPlan::all(3));
  std::vector<Step> steps;
  walk(*all, Publish::kLatest, profile, 0, times, {}, steps);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_DOUBLE_EQ(steps[0].time, 1.0);
  EXPECT_DOUBLE_EQ(steps[1].time, 3.0);
  EXPECT_DOUBLE_EQ(steps[2].time, 4.0);
  EXPECT_TRUE(steps[0].right);
  EXPECT_FALSE(steps[1].right);
  EXPECT_NEAR(score(steps, *uniform), (3.0 - 1.0) / 5 + (5.0 - 4.0) / 5, 1e-15);
  // The second answer is less sure than the first, so it is never shown.
  walk(*all, Publish::kMostConfident, profile, 0, times, {}, steps);
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_NEAR(score(steps, *uniform), 4.0 / 5, 1e-15);
  // Planning after outputs delays the later ones: 1, 3.25, 4.5.
  const std::vector<double> planning = {0.25, 0.25, 9.0};
  walk(*all, Publish::kLatest, profile, 0, times, planning, steps);
  EXPECT_NEAR(score(steps, *uniform), (3.25 - 1.0) / 5 + (5.0 - 4.5) / 5, 1e-15);
  // Skipped branches take no time: 0.5 + 1 + 0.5 + 0.5.
  walk(*fixed_policy(plan_of(3, {2})), Publish::kLatest, profile, 0, times, {}, steps);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_DOUBLE_EQ(steps[0].time, 2.5);
  // No plan, no answer.
  walk(*fixed_policy(plan::ExitPlan(3)), Publish::kLatest, profile, 0, times, {}, steps);
  EXPECT_EQ(score(steps, *uniform), 0.0);
}

/// Whatever the distribution and however wrong the times that a policy plans with: every run that is not cut off
/// answers, and stops only where it expects nothing better.
TEST(Simulate, ARunThatIsNotCutOffAnswers) {
  const char* const distributions[] = {"uniform", "deadline:0.1T", "observed:0.01T,0.02T", "gaussian:0.2,0.1"};
  for (int instance = 0; instance < 200; ++instance) {
    const int exits = 1 + instance % 7;
    const profile::CsProfile profile = random_profile(exits, 20, instance);
    const plan::BlockTimes real = random_times(exits, instance);
    plan::BlockTimes assumed = real;
    const double factor = instance % 3 == 0 ? 0.1 : instance % 3 == 1 ? 1.0 : 10.0;
    for (auto* times : {&assumed.conv, &assumed.branch}) {
      for (double& time : *times) time *= factor;
    }
    auto beliefs = std::make_shared<predict::BeliefParameters>();
    beliefs->prior = profile.accuracies();
    beliefs->shrinkage = instance % 2 == 0 ? 1.0 : 0.0;
    beliefs->seen.resize(exits);
    beliefs->predicted.resize(exits);
    const auto distribution = plan::parse_distribution(distributions[instance % 4], assumed.total());
    const std::shared_ptr<const predict::Predictor> predictor = predict::mean_predictor(beliefs->prior);
    const auto policy = elastic_policies(beliefs, predictor, "exact", assumed, distribution)();
    std::vector<Step> steps;
    for (int sample = 0; sample < profile.samples(); ++sample) {
      walk(*policy, Publish::kLatest, profile, sample, real, {}, steps);
      ASSERT_FALSE(steps.empty()) << instance;
      if (beliefs->shrinkage > 0.0) continue;
      for (int exit = steps.back().exit + 1; exit < exits; ++exit) {
        ASSERT_LE(beliefs->prior[exit], beliefs->prior[steps.back().exit]) << instance;
      }
    }
  }
}

TEST(Simulate, AnAnswerAfterTheHorizonIsWorthNothing) {
  profile::CsProfile profile;
  profile.exits = 1;
  profile.labels = {0};
  profile.predicted = {0};
  profile.confidence = {1.0f};
  const plan::BlockTimes times{.conv = {3.0}, .branch = {1.0}, .planning = {}};
  const auto policy = fixed_policy(plan::ExitPlan::all(1));
  EXPECT_EQ(simulate(*policy, Publish::kLatest, profile, times, {}, *plan::uniform_distribution(4.0))[0], 0.0);
  EXPECT_EQ(simulate(*policy, Publish::kLatest, profile, times, {}, *plan::uniform_distribution(2.0))[0], 0.0);
  EXPECT_NEAR(simulate(*policy, Publish::kLatest, profile, times, {}, *plan::uniform_distribution(8.0))[0], 0.5, 1e-15);
}

// The integral over F, done by brute force: a grid of cut-offs, equally likely under F, and a run for each of them.
TEST(Simulate, EqualsCuttingOffAtAFineGridOfMoments) {
  constexpr int kCuts = 2000;
  const char* const distributions[] = {"uniform", "gaussian:0.5,0.5", "exponential:0.7T", "gaussian:0.2,0.1"};
  for (int instance = 0; instance < 32; ++instance) {
    const int exits = 1 + instance % 7;
    const profile::CsProfile profile = random_profile(exits, 6, instance);
    const plan::BlockTimes times = random_times(exits, instance);
    const auto distribution =
        plan::parse_distribution(distributions[instance / 2 % 4], times.total() * (0.7 + 0.1 * (instance % 5)));
    const auto publish = instance % 2 == 0 ? Publish::kLatest : Publish::kMostConfident;
    std::vector<double> planning;
    if (instance % 3 == 0) planning.assign(exits, 0.07);
    WhimsicalPolicy policy(exits);
    const auto scores = simulate(policy, publish, profile, times, planning, *distribution);
    ASSERT_EQ(scores.size(), 6u);
    for (int sample = 0; sample < 6; ++sample) {
      int right = 0;
      for (int cut = 0; cut < kCuts; ++cut) {
        right += right_when_cut(policy, publish, profile, sample, times, planning,
                                distribution->quantile((cut + 0.5) / kCuts));
      }
      // Each of at most `exits` changes of the answer falls between two moments of the grid.
      EXPECT_NEAR(scores[sample], static_cast<double>(right) / kCuts, (exits + 1.0) / kCuts) << instance;
    }
  }
}

TEST(Simulate, AFixedDeadlineAsksForTheAnswerJustBeforeIt) {
  const plan::BlockTimes times{.conv = {0.001, 0.001}, .branch = {0.001, 0.001}, .planning = {}};
  profile::CsProfile profile;
  profile.exits = 2;
  profile.labels = {1, 1};
  profile.predicted = {1, 2, 2, 1};  // right then wrong; wrong then right
  profile.confidence = {0.5f, 0.5f, 0.5f, 0.5f};
  const auto policy = fixed_policy(plan::ExitPlan::all(2));  // answers at 2 and 4 ms
  using Scores = std::vector<double>;
  const auto at = [&](const char* deadline) {
    return simulate(*policy, Publish::kLatest, profile, times, {}, *plan::parse_distribution(deadline, times.total()));
  };
  EXPECT_EQ(at("deadline:1ms"), (Scores{0, 0}));
  EXPECT_EQ(at("deadline:3ms"), (Scores{1, 0}));
  EXPECT_EQ(at("deadline:5ms"), (Scores{0, 1}));
}

TEST(Simulate, AMethodUsesThePolicyOfTheScoredHalf) {
  constexpr int kExits = 3;
  const profile::CsProfile profile = random_profile(kExits, 11, 5);
  const plan::BlockTimes times = random_times(kExits, 5);
  const auto distribution = plan::uniform_distribution(times.total());
  const plan::ExitPlan even = plan_of(kExits, {0}), odd = plan_of(kExits, {1, 2});
  Method method{.name = "m",
                .summary = "",
                .policy = {[even] { return fixed_policy(even); }, [odd] { return fixed_policy(odd); }},
                .publish = Publish::kLatest,
                .planning = {std::vector<double>{}, std::vector<double>{0.1, 0.1, 0.1}}};
  const auto scores = simulate(method, profile, times, *distribution);
  const auto all_even = simulate(*fixed_policy(even), Publish::kLatest, profile, times, {}, *distribution);
  const auto all_odd =
      simulate(*fixed_policy(odd), Publish::kLatest, profile, times, method.planning[1], *distribution);
  for (int sample = 0; sample < 11; ++sample) {
    EXPECT_EQ(scores[sample], sample % 2 == 0 ? all_even[sample] : all_odd[sample]);
  }
}

TEST(Simulate, TheMeanOfAFixedPlanIsItsAccuracyExpectation) {
  for (int instance = 0; instance < 20; ++instance) {
    const int exits = 2 + instance % 6;
    const profile::CsProfile profile = random_profile(exits, 50, instance);
    const plan::BlockTimes times = random_times(exits, instance);
    const auto distribution = plan::uniform_distribution(times.total());
    std::vector<double> accuracies;
    for (int exit = 0; exit < exits; ++exit) accuracies.push_back(profile.accuracy(exit));
    const plan::ExitPlan plan = plan::static_plan(exits, 0.5);
    const auto scores = simulate(*fixed_policy(plan), Publish::kLatest, profile, times, {}, *distribution);
    EXPECT_NEAR(estimate(scores).mean, plan::expectation(times, *distribution, accuracies, plan), 1e-12);
  }
}

TEST(Oracle, IsTheBestPlanOfAllForEachSample) {
  for (int instance = 0; instance < 10; ++instance) {
    constexpr int kExits = 6;
    const profile::CsProfile profile = random_profile(kExits, 20, instance);
    const plan::BlockTimes times = random_times(kExits, instance);
    const auto distribution = plan::uniform_distribution(times.total());
    std::vector<double> best(20, 0.0);
    for (int members = 0; members < 1 << kExits; ++members) {
      plan::ExitPlan plan(kExits);
      for (int exit = 0; exit < kExits; ++exit) {
        if (members >> exit & 1) plan.insert(exit);
      }
      const auto scores = simulate(*fixed_policy(plan), Publish::kLatest, profile, times, {}, *distribution);
      for (int sample = 0; sample < 20; ++sample) best[sample] = std::max(best[sample], scores[sample]);
    }
    const auto oracle = simulate_oracle(profile, times, distribution);
    for (int sample = 0; sample < 20; ++sample) EXPECT_NEAR(oracle[sample], best[sample], 1e-12);
  }
}

TEST(AccuracyAt, CountsTheRightAnswersAtEachMoment) {
  static constexpr int kExits = 5;
  const profile::CsProfile profile = random_profile(kExits, 40, 3);
  const plan::BlockTimes times = random_times(kExits, 3);
  const PolicyFactory whimsical = [] { return std::make_unique<WhimsicalPolicy>(kExits); };
  for (const Publish publish : {Publish::kLatest, Publish::kMostConfident}) {
    const Method method{
        .name = "m", .summary = "", .policy = {whimsical, whimsical}, .publish = publish, .planning = {}};
    std::vector<double> cuts;
    for (int c = 0; c <= 100; ++c) cuts.push_back(times.total() * 1.1 * c / 100);
    const auto accuracy = accuracy_at(method, profile, times, cuts);
    WhimsicalPolicy policy(kExits);
    for (std::size_t c = 0; c < cuts.size(); ++c) {
      int right = 0;
      for (int sample = 0; sample < 40; ++sample) {
        right += right_when_cut(policy, publish, profile, sample, times, {}, cuts[c]);
      }
      EXPECT_DOUBLE_EQ(accuracy[c], right / 40.0);
    }
  }
}

TEST(Estimate, ByHand) {
  const Estimate four = estimate(std::vector<double>{1, 2, 3, 6});  // mean 3, variance (4+1+0+9)/3
  EXPECT_DOUBLE_EQ(four.mean, 3.0);
  EXPECT_DOUBLE_EQ(four.standard_error, std::sqrt(14.0 / 3 / 4));
  EXPECT_EQ(estimate({}).mean, 0.0);
  EXPECT_EQ(estimate(std::vector<double>{5}).mean, 5.0);
  EXPECT_TRUE(std::isnan(estimate(std::vector<double>{5}).standard_error)) << "one value has no spread";
  EXPECT_TRUE(std::isnan(estimate({}).standard_error));
  const Estimate difference = paired_difference(std::vector<double>{3, 5}, std::vector<double>{1, 2});
  EXPECT_DOUBLE_EQ(difference.mean, 2.5);
  EXPECT_DOUBLE_EQ(difference.standard_error, 0.5);
}

}  // namespace
}  // namespace einet::eval
