#include "policy/simulate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "einet/planner.h"
#include "expect_error.h"
#include "policy/brute_force.h"
#include "policy/elastic.h"
#include "policy/estimate.h"
#include "policy/random_log_probabilities.h"
#include "policy/random_profile.h"
#include "predict/mean_predictor.h"

namespace einet::policy {
namespace {

using testing::random_profile;
using testing::random_times;
using testing::RandomReplanningPolicy;
using testing::right_when_cut;

plan::ExitPlan plan_of(int exits, std::initializer_list<int> members) {
  plan::ExitPlan plan(exits);
  for (const int exit : members) plan.insert(exit);
  return plan;
}

/// Executes every exit and reports planning costs in between.
class PlanningAllExits final : public Policy {
 public:
  explicit PlanningAllExits(std::vector<double> seconds)
      : seconds_(std::move(seconds)), all_(plan::ExitPlan::all(static_cast<int>(seconds_.size()))) {}
  const plan::ExitPlan& begin(double) noexcept override { return all_; }
  const plan::ExitPlan& after(const BranchOutput&) noexcept override { return all_; }
  double planning_seconds(int exit) const noexcept override { return seconds_[exit]; }

 private:
  std::vector<double> seconds_;
  plan::ExitPlan all_;
};

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
  Simulation latest(*all, Publish::kLatest, profile, times);
  const auto shown = latest.run(0);
  ASSERT_EQ(shown.size(), 3u);
  EXPECT_DOUBLE_EQ(shown[0].time, 1.0);
  EXPECT_DOUBLE_EQ(shown[1].time, 3.0);
  EXPECT_DOUBLE_EQ(shown[2].time, 4.0);
  EXPECT_TRUE(shown[0].right);
  EXPECT_FALSE(shown[1].right);
  EXPECT_NEAR(score(shown, *uniform), (3.0 - 1.0) / 5 + (5.0 - 4.0) / 5, 1e-15);
  const auto score_of = [&](Policy& policy, Publish publish) {
    return simulate(policy, publish, profile, times, *uniform).at(0);
  };
  // The second answer is less confident than the first, so it is never shown.
  EXPECT_EQ(Simulation(*all, Publish::kMostConfident, profile, times).run(0).size(), 2u);
  EXPECT_NEAR(score_of(*all, Publish::kMostConfident), 4.0 / 5, 1e-15);
  // Planning after outputs delays the later ones: 1, 3.25, 4.5.
  PlanningAllExits planning({0.25, 0.25, 9.0});
  EXPECT_NEAR(score_of(planning, Publish::kLatest), (3.25 - 1.0) / 5 + (5.0 - 4.5) / 5, 1e-15);
  // Skipped branches take no time: 0.5 + 1 + 0.5 + 0.5.
  const auto last = fixed_policy(plan_of(3, {2}));
  Simulation only_last(*last, Publish::kLatest, profile, times);
  ASSERT_EQ(only_last.run(0).size(), 1u);
  EXPECT_DOUBLE_EQ(only_last.run(0)[0].time, 2.5);
  // No plan, no answer.
  EXPECT_EQ(score_of(*fixed_policy(plan::ExitPlan(3)), Publish::kLatest), 0.0);
}

/// For all distributions, and however wrong the times that a policy plans with: every run that is not cut off answers,
/// and ends only when no later exit is expected to be better.
/// Plans only the exit with the number of whole seconds in the deadline.
class DeadlinePolicy final : public Policy {
 public:
  const plan::ExitPlan& begin(double deadline) noexcept override {
    plan_ = plan_of(3, {deadline < 3.0 ? static_cast<int>(deadline) : 2});
    return plan_;
  }
  const plan::ExitPlan& after(const BranchOutput&) noexcept override { return plan_; }

 private:
  plan::ExitPlan plan_{3};
};

TEST(Simulate, ARunWithADeadlineIsPlannedForItAndShowsNothingLater) {
  const profile::CsProfile profile = random_profile(3, 1, 1);
  const plan::BlockTimes times{.conv = {0.5, 1.0, 0.5}, .branch = {0.5, 1.0, 0.5}, .planning = {}};
  DeadlinePolicy policy;
  Simulation simulation(policy, Publish::kLatest, profile, times);
  ASSERT_EQ(simulation.run(0).size(), 1u);
  EXPECT_EQ(simulation.run(0)[0].exit, 2);
  ASSERT_EQ(simulation.run(0, 0.9).size(), 0u);  // Exit 1 answers at 1.0,
  ASSERT_EQ(simulation.run(0, 1.9).size(), 0u);  // exit 2 at 2.5,
  ASSERT_EQ(simulation.run(0, 2.5).size(), 0u);  // and so does exit 3.
  ASSERT_EQ(simulation.run(0, 2.6).size(), 1u);
  EXPECT_EQ(simulation.run(0, 2.6)[0].exit, 2);
}

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
    const auto policy = elastic_policies(beliefs, predictor, assumed, distribution)();
    Simulation simulation(*policy, Publish::kLatest, profile, real);
    for (int sample = 0; sample < profile.samples(); ++sample) {
      const auto shown = simulation.run(sample);
      ASSERT_FALSE(shown.empty()) << instance;
      if (beliefs->shrinkage > 0.0) continue;
      for (int exit = shown.back().exit + 1; exit < exits; ++exit) {
        ASSERT_LE(beliefs->prior[exit], beliefs->prior[shown.back().exit]) << instance;
      }
    }
  }
}

TEST(Simulate, AnAnswerAfterTheHorizonHasNoValue) {
  profile::CsProfile profile;
  profile.exits = 1;
  profile.labels = {0};
  profile.predicted = {0};
  profile.confidence = {1.0f};
  const plan::BlockTimes times{.conv = {3.0}, .branch = {1.0}, .planning = {}};
  const auto policy = fixed_policy(plan::ExitPlan::all(1));
  EXPECT_EQ(simulate(*policy, Publish::kLatest, profile, times, *plan::uniform_distribution(4.0))[0], 0.0);
  EXPECT_EQ(simulate(*policy, Publish::kLatest, profile, times, *plan::uniform_distribution(2.0))[0], 0.0);
  EXPECT_NEAR(simulate(*policy, Publish::kLatest, profile, times, *plan::uniform_distribution(8.0))[0], 0.5, 1e-15);
}

// The integral over F by brute force: a grid of cut-offs, equally likely under F, and one run for each of them.
TEST(Simulate, EqualsAFineGridOfCutOffs) {
  constexpr int kCuts = 2000;
  const char* const distributions[] = {"uniform", "gaussian:0.5,0.5", "exponential:0.7T", "gaussian:0.2,0.1"};
  for (int instance = 0; instance < 32; ++instance) {
    const int exits = 1 + instance % 7;
    const profile::CsProfile profile = random_profile(exits, 6, instance);
    const plan::BlockTimes times = random_times(exits, instance);
    const auto distribution =
        plan::parse_distribution(distributions[instance / 2 % 4], times.total() * (0.7 + 0.1 * (instance % 5)));
    const auto publish = instance % 2 == 0 ? Publish::kLatest : Publish::kMostConfident;
    RandomReplanningPolicy policy(exits, instance % 3 == 0 ? 0.07 : 0.0);
    const auto scores = simulate(policy, publish, profile, times, *distribution);
    ASSERT_EQ(scores.size(), 6u);
    for (int sample = 0; sample < 6; ++sample) {
      int right = 0;
      for (int cut = 0; cut < kCuts; ++cut) {
        right += right_when_cut(policy, publish, profile, sample, times, distribution->quantile((cut + 0.5) / kCuts));
      }
      // Each of the at most `exits` changes of the answer falls between two points of the grid.
      EXPECT_NEAR(scores[sample], static_cast<double>(right) / kCuts, (exits + 1.0) / kCuts) << instance;
    }
  }
}

TEST(Simulate, AFixedDeadlineScoresTheAnswerJustBeforeIt) {
  const plan::BlockTimes times{.conv = {0.001, 0.001}, .branch = {0.001, 0.001}, .planning = {}};
  profile::CsProfile profile;
  profile.exits = 2;
  profile.labels = {1, 1};
  profile.predicted = {1, 2, 2, 1};  // right then wrong; wrong then right
  profile.confidence = {0.5f, 0.5f, 0.5f, 0.5f};
  const auto policy = fixed_policy(plan::ExitPlan::all(2));  // answers at 2 and 4 ms
  using Scores = std::vector<double>;
  const auto at = [&](const char* deadline) {
    return simulate(*policy, Publish::kLatest, profile, times, *plan::parse_distribution(deadline, times.total()));
  };
  EXPECT_EQ(at("deadline:1ms"), (Scores{0, 0}));
  EXPECT_EQ(at("deadline:3ms"), (Scores{1, 0}));
  EXPECT_EQ(at("deadline:5ms"), (Scores{0, 1}));
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
    const auto scores = simulate(*fixed_policy(plan), Publish::kLatest, profile, times, *distribution);
    EXPECT_NEAR(estimate(scores).mean, plan::expectation(times, *distribution, accuracies, plan), 1e-12);
  }
}

TEST(Oracle, IsTheBestPlanForEachSample) {
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
      const auto scores = simulate(*fixed_policy(plan), Publish::kLatest, profile, times, *distribution);
      for (int sample = 0; sample < 20; ++sample) best[sample] = std::max(best[sample], scores[sample]);
    }
    const auto oracle = simulate_oracle(profile, times, distribution);
    for (int sample = 0; sample < 20; ++sample) EXPECT_NEAR(oracle[sample], best[sample], 1e-12);
  }
}

TEST(Estimate, ByHand) {
  const Estimate four = estimate(std::vector<double>{1, 2, 3, 6});  // mean 3, variance (4+1+0+9)/3
  EXPECT_DOUBLE_EQ(four.mean, 3.0);
  EXPECT_DOUBLE_EQ(four.standard_error, std::sqrt(14.0 / 3 / 4));
  EXPECT_EQ(estimate({}).mean, 0.0);
  EXPECT_EQ(estimate(std::vector<double>{5}).mean, 5.0);
  EXPECT_TRUE(std::isnan(estimate(std::vector<double>{5}).standard_error)) << "undefined for one value";
  EXPECT_TRUE(std::isnan(estimate({}).standard_error));
  const Estimate difference = paired_difference(std::vector<double>{3, 5}, std::vector<double>{1, 2});
  EXPECT_DOUBLE_EQ(difference.mean, 2.5);
  EXPECT_DOUBLE_EQ(difference.standard_error, 0.5);
}

TEST(Simulation, CombinesTheAnswersOfExecutedExits) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(0.2, 1.2);
  for (int instance = 0; instance < 50; ++instance) {
    const int exits = 2 + instance % 5, classes = 2 + instance % 7;
    const auto profile = testing::profile_with_log_probabilities(exits, classes, 20, instance);
    const plan::BlockTimes times = testing::random_times(exits, instance);
    auto weights = std::make_shared<predict::CombinationWeights>();
    plan::ExitPlan plan(exits);
    for (int exit = 0; exit < exits; ++exit) {
      weights->keep.push_back(uniform(random));
      weights->add.push_back(uniform(random));
      if (random() % 2) plan.insert(exit);
    }
    plan.insert(instance % exits);
    const auto policy = fixed_policy(plan);
    Simulation simulation(*policy, Publish::kCombined, profile, times, weights);
    for (int sample = 0; sample < profile.samples(); ++sample) {
      const auto shown = simulation.run(sample);
      ASSERT_EQ(static_cast<int>(shown.size()), plan.count());
      std::vector<double> z(classes, 0.0);
      std::vector<float> l(classes);
      for (const ShownAnswer& answer : shown) {
        profile.log_probabilities(sample, answer.exit, l);
        for (int k = 0; k < classes; ++k) z[k] = weights->keep[answer.exit] * z[k] + weights->add[answer.exit] * l[k];
        const double best = *std::max_element(z.begin(), z.end());
        if (std::count_if(z.begin(), z.end(), [&](double value) { return value > best - 1e-5; }) > 1) continue;
        EXPECT_EQ(answer.right, z[profile.labels[sample]] == best);
      }
    }
  }
}

TEST(Simulation, CombinedWithWeightsZeroAndOneIsTheLatestAnswer) {
  const auto profile = testing::profile_with_log_probabilities(6, 10, 200, 2);
  const plan::BlockTimes times = testing::random_times(6, 2);
  const auto weights = std::make_shared<predict::CombinationWeights>(
      predict::CombinationWeights{.keep = std::vector<double>(6, 0.0), .add = std::vector<double>(6, 1.0)});
  const auto policy = threshold_policy(6, 0.8f);
  Simulation latest(*policy, Publish::kLatest, profile, times);
  Simulation combined(*policy, Publish::kCombined, profile, times, weights);
  for (int sample = 0; sample < profile.samples(); ++sample) {
    const auto expected = latest.run(sample);
    const auto shown = combined.run(sample);
    ASSERT_EQ(shown.size(), expected.size());
    for (std::size_t k = 0; k < shown.size(); ++k) {
      EXPECT_EQ(shown[k].right, expected[k].right);
      EXPECT_EQ(shown[k].time, expected[k].time);
    }
  }
}

TEST(Simulation, CombiningRequiresWeightsAndLogProbabilities) {
  auto profile = testing::profile_with_log_probabilities(2, 3, 5, 1);
  const auto weights = [](int exits) {
    return std::make_shared<predict::CombinationWeights>(
        predict::CombinationWeights{.keep = std::vector<double>(exits, 0.0), .add = std::vector<double>(exits, 1.0)});
  };
  const auto policy = fixed_policy(plan::ExitPlan::all(2));
  const auto make = [&](std::shared_ptr<predict::CombinationWeights> given) {
    Simulation(*policy, Publish::kCombined, profile, testing::random_times(2, 1), std::move(given));
  };
  expect_error(ErrorKind::kInvalidData, "combined answers", [&] { make(nullptr); });
  expect_error(ErrorKind::kInvalidData, "combined answers", [&] { make(weights(3)); });
  profile.drop_log_probabilities();
  expect_error(ErrorKind::kInvalidData, "combined answers", [&] { make(weights(2)); });
}

}  // namespace
}  // namespace einet::policy
