// The plans of each planner in small cases computed by hand.

#include "einet/planner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "expect_error.h"

namespace einet::plan {
namespace {

ExitPlan plan_of(int exits, std::initializer_list<int> members) {
  ExitPlan plan(exits);
  for (const int exit : members) plan.insert(exit);
  return plan;
}

Planned ask(const char* name, const BlockTimes& times, std::shared_ptr<const ExitTimeDistribution> distribution,
            const std::vector<double>& scores, const Start& start = {}) {
  return make_planner(name, times, std::move(distribution))->plan(scores, start);
}

TEST(StaticPlan, IsEvenlySpacedAndEndsWithTheLast) {
  EXPECT_EQ(static_plan(8, 0.25), plan_of(8, {3, 7}));
  EXPECT_EQ(static_plan(8, 0.5), plan_of(8, {1, 3, 5, 7}));
  EXPECT_EQ(static_plan(8, 1.0), ExitPlan::all(8));
  EXPECT_EQ(static_plan(5, 0.5), plan_of(5, {0, 2, 4}));  // round(2.5) = 3
  EXPECT_EQ(static_plan(8, 0.01), plan_of(8, {7}));
  EXPECT_EQ(static_plan(1, 0.25), plan_of(1, {0}));
}

TEST(Static, SkipsExitsBeforeTheStart) {
  const BlockTimes times{{1, 1, 1, 1}, {1, 1, 1, 1}, {}};
  const std::vector<double> scores = {0.2, 0.4, 0.6, 0.8};
  EXPECT_EQ(ask("static-50", times, uniform_distribution(8), scores, {1, 4.0, 0.4}).plan, plan_of(4, {3}));
}

/// Conv parts of 1 s, branches of 1, 2, 3 s, T = 9 s: the best first exit is not part of the best plan.
TEST(Greedy, KeepsTheBestFirstChoice) {
  const BlockTimes times{{1, 1, 1}, {1, 2, 3}, {}};
  const std::vector<double> scores = {0.4, 0.6, 0.9};
  const Planned greedy = ask("greedy", times, uniform_distribution(9), scores);
  EXPECT_EQ(greedy.plan, plan_of(3, {0, 1, 2}));  // The last one is at the horizon, so it has no cost.
  EXPECT_NEAR(greedy.expectation, 0.4, 1e-15);
  EXPECT_GE(greedy.upper_bound, 0.4222);
  for (const char* name : {"exact", "enumerate", "hybrid-2", "static-optimal"}) {
    const Planned best = ask(name, times, uniform_distribution(9), scores);
    EXPECT_EQ(best.plan, plan_of(3, {0, 2})) << name;
    EXPECT_NEAR(best.expectation, 0.4 * 7 / 9 + 0.5 * 2 / 9, 1e-15) << name;
  }
  EXPECT_EQ(ask("exact", times, uniform_distribution(9), scores).gap(), 0.0);
}

/// Algorithm 2 with m = 1 begins with the best single exit, like greedy.
TEST(Hybrid, WithOneOutputIsGreedy) {
  const BlockTimes times{{1, 1, 1}, {1, 2, 3}, {}};
  const std::vector<double> scores = {0.4, 0.6, 0.9};
  const Planned hybrid = ask("hybrid-1", times, uniform_distribution(9), scores);
  EXPECT_EQ(hybrid.plan, ask("greedy", times, uniform_distribution(9), scores).plan);
  EXPECT_NEAR(hybrid.expectation, 0.4, 1e-15);
}

/// Conv parts of 1, 2, 1, 1 s, branches of 2, 2, 3, 3 s, T = 9 s. The best single output is the third, at 7 s. Adding
/// the first delays it to the horizon, which costs more than the first is worth; once it is lost, the second costs
/// nothing.
TEST(Hybrid, StopsWhereAlgorithm2GoesOn) {
  const BlockTimes times{{1, 2, 1, 1}, {2, 2, 3, 3}, {}};
  const std::vector<double> scores = {0.3, 0.4, 0.9, 0.9};
  const auto value = [&](const char* planner) {
    return ask(planner, times, uniform_distribution(9), scores).expectation;
  };
  EXPECT_NEAR(value("hybrid-1"), 0.9 * 2 / 9, 1e-15);
  EXPECT_NEAR(value("hybrid-all-1"), 0.3 * 4 / 9 + 0.4 * 2 / 9, 1e-15);
  EXPECT_NEAR(value("exact"), value("hybrid-all-1"), 1e-15);
}

TEST(Exact, UnderADeadlineExecutesOnlyTheBestReachableExit) {
  const BlockTimes times{{1, 1, 1, 1}, {1, 1, 1, 1}, {}};
  const std::vector<double> scores = {0.2, 0.6, 0.5, 0.8};
  const Planned planned = ask("exact", times, deadline_distribution(4.5), scores);
  EXPECT_TRUE(planned.plan.contains(1));
  EXPECT_DOUBLE_EQ(planned.expectation, 0.6);
  EXPECT_EQ(planned.gap(), 0.0);
}

TEST(EveryPlanner, AnswersEvenIfNoExitIsInTime) {
  const BlockTimes times{{5, 1}, {1, 1}, {}};
  const std::vector<double> scores = {0.5, 0.9};
  for (const std::string& name : planner_names()) {
    for (const auto& distribution :
         {uniform_distribution(4.0), deadline_distribution(6.0), gaussian_distribution(0.5, 1, 4)}) {
      const Planned planned = ask(name.c_str(), times, distribution, scores);
      EXPECT_TRUE(planned.plan.contains(1)) << name;
      EXPECT_EQ(planned.expectation, 0.0) << name;
    }
    // Past the horizon, infinitely late: continue to the better exit.
    for (const double elapsed : {5.0, std::numeric_limits<double>::infinity()}) {
      const Planned late = ask(name.c_str(), times, uniform_distribution(4.0), scores, {0, elapsed, 0.5});
      EXPECT_EQ(late.plan, plan_of(2, {1})) << name;
      EXPECT_EQ(late.expectation, 0.0) << name;
    }
  }
}

/// A deadline before the first answer, one that passes during the run, and one known in addition to the distribution.
TEST(Exact, ContinuesToTheBestExitsPastADeadline) {
  const BlockTimes times{{1, 1, 1, 1}, {0.1, 0.1, 0.1, 0.1}, {}};
  const std::vector<double> scores = {0.5, 0.7, 0.6, 0.8};
  // Uniform over the remaining 4.4 s: exit 3 would replace a better answer.
  EXPECT_EQ(ask("exact", times, deadline_distribution(0.5), scores).plan, plan_of(4, {0, 1, 3}));
  EXPECT_EQ(ask("exact", times, deadline_distribution(1.5), scores, {0, 2.0, 0.5}).plan, plan_of(4, {1, 3}));
  EXPECT_EQ(ask("exact", times, uniform_distribution(4.4), scores, {.deadline = 0.5}).plan, plan_of(4, {0, 1, 3}));
  // Exit 2 is in time, exit 4 is not.
  EXPECT_EQ(ask("exact", times, deadline_distribution(2.5), scores).plan, plan_of(4, {0, 1, 3}));
  // No later exit is better than the answer in force.
  EXPECT_TRUE(ask("exact", times, deadline_distribution(1.5), scores, {0, 2.0, 0.9}).plan.empty());
}

TEST(Exact, PlansForAKnownDeadline) {
  // Both exits under the uniform distribution alone; with a deadline at 3 s, exit 1 would make exit 2 too late.
  const BlockTimes times{{1, 1}, {0.9, 0.9}, {}};
  const std::vector<double> scores = {0.5, 0.9};
  EXPECT_EQ(ask("exact", times, uniform_distribution(10), scores).plan, plan_of(2, {0, 1}));
  const Planned planned = ask("exact", times, uniform_distribution(10), scores, {.deadline = 3.0});
  EXPECT_EQ(planned.plan, plan_of(2, {1}));
  EXPECT_NEAR(planned.expectation, 0.9 * (1 - 0.29), 1e-15);
  EXPECT_EQ(planned.gap(), 0.0);
  // A deadline without effect, and none.
  EXPECT_EQ(ask("exact", times, uniform_distribution(10), scores, {.deadline = 10.0}).plan, plan_of(2, {0, 1}));
  EXPECT_EQ(ask("exact", times, uniform_distribution(10), scores, {.deadline = std::nan("")}).plan, plan_of(2, {0, 1}));
}

TEST(EveryPlanner, AnswersOnceIfAllScoresAreZero) {
  const BlockTimes times{{2, 1, 1}, {3, 1, 1}, {}};
  const std::vector<double> scores = {0.0, 0.0, 0.0};
  for (const char* name : {"exact", "enumerate", "greedy", "hybrid", "hybrid-all"}) {
    EXPECT_EQ(ask(name, times, uniform_distribution(20), scores).plan, plan_of(3, {1})) << name;
    EXPECT_EQ(ask(name, times, deadline_distribution(1), scores).plan, plan_of(3, {1})) << name;
  }
}

TEST(Exact, PlansNothingAfterTheLastExit) {
  const BlockTimes times{{5, 1}, {1, 1}, {}};
  const std::vector<double> scores = {0.5, 0.9};
  const Planned done = ask("exact", times, uniform_distribution(10.0), scores, {1, 8.0, 0.9});
  EXPECT_TRUE(done.plan.empty());
  EXPECT_DOUBLE_EQ(done.expectation, 0.9 * 0.2);
}

TEST(Exact, SkipsExitsWhosePlanningCostsExceedTheirGain) {
  // Without planning costs both exits; with them only the second.
  const std::vector<double> scores = {0.3, 0.9};
  EXPECT_EQ(ask("exact", {{1, 1}, {0.5, 0.5}, {}}, uniform_distribution(8), scores).plan, ExitPlan::all(2));
  EXPECT_EQ(ask("exact", {{1, 1}, {0.5, 0.5}, {3, 3}}, uniform_distribution(8), scores).plan, plan_of(2, {1}));
}

TEST(Exact, BoundsItsLossWhenLabelsRunOut) {
  BlockTimes times;
  std::vector<double> scores;
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  for (int i = 0; i < 16; ++i) {
    times.conv.push_back(0.5 + unit(random));
    times.branch.push_back(0.2 + unit(random));
    scores.push_back(0.9 - 0.7 * std::exp(-0.3 * i));
  }
  const auto gaussian = gaussian_distribution(0.5, 0.3, times.total());
  const Planned optimal = ask("exact", times, gaussian, scores);
  EXPECT_EQ(optimal.gap(), 0.0);
  double widest = 0.0;
  for (const char* name : {"exact-1", "exact-2", "exact-3", "exact-5", "exact-8"}) {
    const Planned planned = ask(name, times, gaussian, scores);
    EXPECT_LE(planned.expectation, optimal.expectation + 1e-12) << name;
    EXPECT_GE(planned.upper_bound, optimal.expectation - 1e-12) << name;
    widest = std::max(widest, planned.gap());
  }
  EXPECT_GT(widest, 0.0);
}

TEST(StaticOptimal, KeepsItsFirstPlan) {
  const BlockTimes times{{1, 1, 1}, {1, 2, 3}, {}};
  const auto planner = make_planner("static-optimal", times, uniform_distribution(9));
  const std::vector<double> means = {0.4, 0.6, 0.9};
  const std::vector<double> others = {0.1, 0.9, 0.9};
  EXPECT_EQ(planner->plan(means).plan, plan_of(3, {0, 2}));
  EXPECT_EQ(planner->plan(others).plan, plan_of(3, {0, 2}));
  EXPECT_EQ(planner->plan(others, {0, 2.0, 0.4}).plan, plan_of(3, {2}));
  EXPECT_EQ(planner->plan(means).plan, plan_of(3, {0, 2}));
}

TEST(Threshold, StopsOnceConfident) {
  const BlockTimes times{{1, 1, 1}, {1, 1, 1}, {}};
  const std::vector<double> scores = {0.4, 0.6, 0.9};
  EXPECT_EQ(ask("threshold-0.5", times, uniform_distribution(6), scores).plan, ExitPlan::all(3));
  EXPECT_EQ(ask("threshold-0.5", times, uniform_distribution(6), scores, {0, 2.0, 0.49}).plan, plan_of(3, {1, 2}));
  EXPECT_TRUE(ask("threshold-0.5", times, uniform_distribution(6), scores, {0, 2.0, 0.5}).plan.empty());
}

TEST(Random, IsDeterministic) {
  const BlockTimes times{std::vector<double>(100, 1.0), std::vector<double>(100, 0.5), {}};
  const std::vector<double> scores(100, 0.5);
  const auto draw = [&](unsigned long seed) {
    PlannerOptions options;
    options.seed = seed;
    options.random_plans = 1;
    return make_planner("random", times, uniform_distribution(150), options)->plan(scores).plan;
  };
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
  EXPECT_NEAR(draw(3).count(), 50, 25);
}

TEST(EveryPlanner, PlansOnlyExitsAfterTheStartAndStatesTheirExpectation) {
  const BlockTimes times{{1, 1, 1, 1, 1}, {1, 0, 1, 0.5, 1}, {0.1, 0.1, 0.1, 0.1, 0.1}};
  const std::vector<double> scores = {0.3, 0.2, 0.6, 0.6, 0.9};
  for (const std::string& name : planner_names()) {
    for (int exit = -1; exit < 5; ++exit) {
      const Start start{exit, exit < 0 ? 0.0 : 1.5 * exit + 1.0, exit < 0 ? 0.0 : scores[exit]};
      const auto gaussian = gaussian_distribution(0.4, 0.5, times.total());
      const Planned planned = make_planner(name, times, gaussian)->plan(scores, start);
      EXPECT_EQ(planned.plan.exits(), 5) << name;
      EXPECT_GT(planned.plan.next(-1), exit) << name;
      EXPECT_NEAR(planned.expectation, expectation(times, *gaussian, scores, planned.plan, start), 1e-14) << name;
      EXPECT_GE(planned.upper_bound, ask("enumerate", times, gaussian, scores, start).expectation - 1e-12) << name;
    }
  }
}

TEST(EveryPlanner, ToleratesInvalidRequests) {
  const BlockTimes times{{1, 1, 1}, {1, 1, 1}, {}};
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> odd = {nan, -1.0, infinity};
  const std::vector<double> clean = {0.0, 0.0, 1.0};
  const std::vector<double> none;
  const std::vector<double> many(10, 0.5);
  for (const std::string& name : planner_names()) {
    for (const auto& distribution : {uniform_distribution(6), exponential_distribution(3)}) {
      EXPECT_EQ(ask(name.c_str(), times, distribution, odd).expectation,
                ask(name.c_str(), times, distribution, clean).expectation)
          << name;
      EXPECT_EQ(ask(name.c_str(), times, distribution, none).expectation, 0.0) << name;
      EXPECT_EQ(ask(name.c_str(), times, distribution, many).plan.exits(), 3) << name;
      EXPECT_GE(ask(name.c_str(), times, distribution, clean, {-7, nan, nan}).expectation, 0.0) << name;
      EXPECT_TRUE(ask(name.c_str(), times, distribution, clean, {99, 1.0, 0.5}).plan.empty()) << name;
    }
  }
}

TEST(EveryPlanner, AcceptsTimesOfZero) {
  const BlockTimes times{{0, 0, 0}, {0, 0, 0}, {0, 0, 0}};
  const std::vector<double> scores = {0.4, 0.6, 0.5};
  for (const std::string& name : planner_names()) {
    for (const auto& distribution :
         {uniform_distribution(1), deadline_distribution(1), gaussian_distribution(0.5, 1, 1)}) {
      const double value = ask(name.c_str(), times, distribution, scores).expectation;
      EXPECT_LE(value, 0.6) << name;
      if (name == "exact" || name == "enumerate") {
        EXPECT_EQ(value, 0.6) << name;
      }
    }
  }
}

}  // namespace
}  // namespace einet::plan
