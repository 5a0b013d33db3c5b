#include <gtest/gtest.h>

#include <vector>

#include "einet/error.h"
#include "policy/elastic.h"

namespace einet {
namespace {

/// Predicts 1 - (confidence of the last executed exit) for all later exits.
class ContraryPredictor final : public predict::Predictor {
 public:
  explicit ContraryPredictor(int exits) : exits_(exits) {}
  int exits() const noexcept override { return exits_; }
  void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
               std::span<double> scores) noexcept override {
    for (int i = 0; i < exits_; ++i)
      scores[i] = i <= exit && executed.contains(i) ? confidence[i] : 1 - confidence[exit];
  }
  std::unique_ptr<Predictor> clone() const override { return std::make_unique<ContraryPredictor>(exits_); }

 private:
  int exits_;
};

constexpr int kExits = 4;

std::shared_ptr<const predict::BeliefParameters> parameters(double shrinkage) {
  auto parameters = std::make_shared<predict::BeliefParameters>();
  parameters->shrinkage = shrinkage;
  parameters->prior = {0.5, 0.6, 0.7, 0.8};
  parameters->seen.resize(kExits);  // identity
  parameters->predicted.resize(kExits);
  return parameters;
}

const plan::BlockTimes kTimes{.conv = {1, 1, 1, 1}, .branch = {0.1, 0.1, 0.1, 0.1}, .planning = {}};

PolicyFactory elastic(double shrinkage) {
  return elastic_policies(parameters(shrinkage), std::make_shared<ContraryPredictor>(kExits), kTimes,
                          plan::uniform_distribution(kTimes.total()));
}

TEST(FixedPolicy, NeverChanges) {
  plan::ExitPlan plan(3);
  plan.insert(1);
  const auto policy = fixed_policy(plan);
  EXPECT_FALSE(policy->replans());
  EXPECT_EQ(policy->begin(), plan);
  EXPECT_EQ(policy->after({1, 0, 0.9f, 1.0}), plan);
}

TEST(ThresholdPolicy, StopsWhenConfident) {
  const auto policy = threshold_policy(3, 0.8f);
  EXPECT_FALSE(policy->replans());
  EXPECT_EQ(policy->begin(), plan::ExitPlan::all(3));
  EXPECT_EQ(policy->after({0, 0, 0.79f, 0}), plan::ExitPlan::all(3));
  EXPECT_TRUE(policy->after({1, 0, 0.8f, 0}).empty());
  EXPECT_EQ(policy->begin(), plan::ExitPlan::all(3));  // A new run.
}

TEST(ElasticPolicy, BeginsWithTheBestPlanForThePrior) {
  const auto policy = elastic(1.0)();
  EXPECT_TRUE(policy->replans());
  const auto planner = plan::make_planner("exact", kTimes, plan::uniform_distribution(kTimes.total()));
  EXPECT_EQ(policy->begin(), planner->plan(parameters(1.0)->prior).plan);
}

TEST(ElasticPolicy, FollowsItsBelief) {
  const auto policy = elastic(1.0)();
  ASSERT_TRUE(policy->begin().contains(0));
  // Confident: no later exit can be better, so nothing more is executed.
  EXPECT_TRUE(policy->after({0, 0, 0.95f, 1.1}).empty());
  policy->begin();
  // Unconfident: all later exits are predicted to be right with 0.9. The next exit is executed, and none after it.
  const plan::ExitPlan unsure = policy->after({0, 0, 0.1f, 1.1});
  EXPECT_TRUE(unsure.contains(1));
  EXPECT_EQ(unsure.count(), 1);
}

TEST(ElasticPolicy, PlansFromTheActualTime) {
  const auto policy = elastic(1.0)();
  policy->begin();
  const auto planner = plan::make_planner("exact", kTimes, plan::uniform_distribution(kTimes.total()));
  const std::vector<double> belief = {0.1, 0.9, 0.9, 0.9};
  const double seen = 0.1f;
  for (const double elapsed : {1.1, 2.0, 3.0}) {
    const plan::Planned planned = planner->plan(belief, {.exit = 0, .elapsed = elapsed, .score = seen});
    EXPECT_EQ(policy->after({0, 0, 0.1f, elapsed}), planned.plan) << elapsed;
    policy->begin();
  }
}

/// No exit can be reached within the horizon of 4.4, but the run has not been cut off: it continues.
TEST(ElasticPolicy, ContinuesPastTheHorizon) {
  const auto policy = elastic(1.0)();
  for (const double elapsed : {4.3, 44.0, 1e9}) {
    policy->begin();
    const plan::ExitPlan late = policy->after({0, 0, 0.1f, elapsed});
    EXPECT_TRUE(late.contains(1)) << elapsed;
    EXPECT_TRUE(policy->after({0, 0, 0.95f, elapsed}).empty()) << elapsed;  // no later exit is predicted to be better
  }
}

TEST(ElasticPolicy, PlansForAKnownDeadline) {
  const auto uniform = plan::uniform_distribution(kTimes.total());
  const auto planner = plan::make_planner("exact", kTimes, uniform);
  const std::vector<double> prior = parameters(1.0)->prior;
  for (const double shrinkage : {0.0, 1.0}) {
    const auto policy = elastic(shrinkage)();
    for (const double deadline : {0.5, 1.2, 2.25, 2.25, 3.0, 100.0}) {
      const plan::ExitPlan planned = planner->plan(prior, {.deadline = deadline}).plan;
      EXPECT_EQ(policy->begin(deadline), planned) << deadline;
      const plan::ExitPlan after = policy->after({0, 0, 0.1f, 1.1});
      const std::vector<double> belief = {0.1, 0.9, 0.9, 0.9};
      const plan::Start now{.exit = 0, .elapsed = 1.1, .score = 0.1f, .deadline = deadline};
      EXPECT_EQ(after, shrinkage > 0.0 ? planner->plan(belief, now).plan : planned) << deadline;
    }
    EXPECT_EQ(policy->begin(), planner->plan(prior).plan);  // A new run.
  }
}

TEST(ElasticPolicy, StartsEachRunFromThePrior) {
  const auto policy = elastic(1.0)();
  const plan::ExitPlan first = policy->begin();
  policy->after({0, 0, 0.99f, 1.1});
  EXPECT_EQ(policy->begin(), first);
  EXPECT_EQ(policy->after({0, 0, 0.1f, 1.1}), elastic(1.0)()->after({0, 0, 0.1f, 1.1}));
}

TEST(ElasticPolicy, WithoutShrinkageKeepsItsPlanAndNeedsNoPredictor) {
  plan::BlockTimes costly = kTimes;
  costly.planning.assign(kExits, 10.0);  // Not charged if nothing is re-planned.
  const auto policy = elastic_policies(parameters(0.0), nullptr, costly, plan::uniform_distribution(kTimes.total()))();
  EXPECT_FALSE(policy->replans());
  const plan::ExitPlan first = policy->begin();
  EXPECT_EQ(first, elastic(1.0)()->begin());
  EXPECT_EQ(policy->after({0, 0, 0.99f, 1.1}), first);
}

TEST(ElasticPolicy, ChargesForPlanningOnlyIfItPlans) {
  plan::BlockTimes times = kTimes;
  times.planning = {0.25, 0.5, 0.125, 0.0};
  const auto uniform = plan::uniform_distribution(kTimes.total());
  const auto predictor = std::make_shared<ContraryPredictor>(kExits);
  EXPECT_EQ(policy_times(times, *parameters(0.5)).planning, times.planning);
  EXPECT_TRUE(policy_times(times, *parameters(0.0)).planning.empty());
  EXPECT_EQ(elastic_policies(parameters(0.5), predictor, times, uniform)()->planning_seconds(1), 0.5);
  EXPECT_EQ(elastic_policies(parameters(0.0), predictor, times, uniform)()->planning_seconds(1), 0.0);
  EXPECT_EQ(elastic(1.0)()->planning_seconds(1), 0.0);
  EXPECT_EQ(fixed_policy(plan::ExitPlan::all(kExits))->planning_seconds(1), 0.0);
}

/// The gain of the later exits is so small that they are only worth executing if planning is free.
TEST(ElasticPolicy, CountsPlanningUnlessDisabled) {
  plan::BlockTimes times = kTimes;
  times.planning.assign(kExits, 3.0);
  const auto uniform = plan::uniform_distribution(kTimes.total());
  const auto predictor = std::make_shared<ContraryPredictor>(kExits);
  const auto counting = elastic_policies(parameters(1.0), predictor, times, uniform)();
  const auto as_published = elastic_policies(parameters(1.0), predictor, times, uniform, {.counts_planning = false})();
  const auto costly = plan::make_planner("exact", times, uniform);
  EXPECT_EQ(counting->begin(), costly->plan(parameters(1.0)->prior).plan);
  EXPECT_EQ(as_published->begin(), elastic(1.0)()->begin());
  EXPECT_NE(as_published->begin(), counting->begin());
  EXPECT_EQ(as_published->planning_seconds(1), 3.0);
}

TEST(ElasticPolicy, ErrorsAreReportedWhenTheFactoryIsMade) {
  const auto uniform = plan::uniform_distribution(1.0);
  const auto predictor = std::make_shared<ContraryPredictor>(kExits);
  EXPECT_THROW(elastic_policies(parameters(1.0), predictor, kTimes, uniform, {.planner = "exakt"}), Error);
  EXPECT_THROW(elastic_policies(parameters(1.0), nullptr, kTimes, uniform), Error);
  EXPECT_THROW(elastic_policies(parameters(1.0), std::make_shared<ContraryPredictor>(7), kTimes, uniform), Error);
}

}  // namespace
}  // namespace einet
