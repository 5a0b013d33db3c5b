#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "einet/planner.h"

namespace einet::plan {
namespace {

/// Outputs of the full plan at 2, 5 and 7.
const BlockTimes kTimes{{1, 2, 1}, {1, 1, 1}, {}};
const std::vector<double> kScores = {0.5, 0.8, 0.9};

ExitPlan plan_of(int exits, std::initializer_list<int> members) {
  ExitPlan plan(exits);
  for (const int exit : members) plan.insert(exit);
  return plan;
}

TEST(Expectation, EqualsTheSumInThePaper) {
  const auto uniform = uniform_distribution(10.0);
  // In force: 0.5 from 2 to 5, 0.8 from 5 to 7, 0.9 from 7 to 10.
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform, kScores, ExitPlan::all(3)), 0.5 * 0.3 + 0.8 * 0.2 + 0.9 * 0.3);
  // Without exit 2, exit 3 answers at 6.
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform, kScores, plan_of(3, {0, 2})), 0.5 * 0.4 + 0.9 * 0.4);
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform, kScores, ExitPlan(3)), 0.0);
}

TEST(Expectation, IncludesPlanningAfterEachOutputExceptTheLast) {
  BlockTimes times = kTimes;
  times.planning = {0.5, 0.25, 100.0};
  // Outputs at 2, 5.5 and 7.75.
  EXPECT_DOUBLE_EQ(expectation(times, *uniform_distribution(10.0), kScores, ExitPlan::all(3)),
                   0.5 * 0.35 + 0.8 * 0.225 + 0.9 * 0.225);
}

TEST(Expectation, ContinuesFromTheStart) {
  BlockTimes times = kTimes;
  times.planning = {0.5, 0, 0};
  // Exit 1 answered at 3 with 0.6; then 0.5 of planning, 2 + 1 to exit 2 at 6.5, 1 + 1 to exit 3 at 8.5.
  EXPECT_DOUBLE_EQ(expectation(times, *uniform_distribution(10.0), kScores, ExitPlan::all(3), {0, 3.0, 0.6}),
                   0.6 * 0.35 + 0.8 * 0.2 + 0.9 * 0.15);
  EXPECT_DOUBLE_EQ(expectation(times, *uniform_distribution(10.0), kScores, ExitPlan(3), {0, 3.0, 0.6}), 0.6 * 0.7);
  // Nothing executed yet, but two seconds late.
  EXPECT_DOUBLE_EQ(expectation(times, *uniform_distribution(10.0), kScores, plan_of(3, {0}), {-1, 2.0, 0.0}),
                   0.5 * 0.6);
}

TEST(Expectation, OutputsBeyondTheHorizonGainNothing) {
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform_distribution(4.0), kScores, ExitPlan::all(3)), 0.5 * 0.5);
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform_distribution(1.0), kScores, ExitPlan::all(3)), 0.0);
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform_distribution(4.0), kScores, ExitPlan::all(3), {0, 5.0, 0.6}), 0.0);
}

TEST(Expectation, UsesTheDistribution) {
  // A deadline at 6: the answer of exit 2, given at 5, is in force.
  EXPECT_DOUBLE_EQ(expectation(kTimes, *deadline_distribution(6.0), kScores, ExitPlan::all(3)), 0.8);
  // An answer exactly at the deadline is too late.
  EXPECT_DOUBLE_EQ(expectation(kTimes, *deadline_distribution(5.0), kScores, ExitPlan::all(3)), 0.5);
  const double survive2 = std::exp(-2.0 / 3), survive5 = std::exp(-5.0 / 3), survive7 = std::exp(-7.0 / 3);
  EXPECT_NEAR(expectation(kTimes, *exponential_distribution(3.0), kScores, ExitPlan::all(3)),
              0.5 * survive2 + 0.3 * survive5 + 0.1 * survive7, 1e-15);
}

TEST(Expectation, ToleratesInvalidInput) {
  const auto uniform = uniform_distribution(10.0);
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> odd = {nan, -3.0, 7.0};
  const std::vector<double> clean = {0.0, 0.0, 1.0};
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform, odd, ExitPlan::all(3)),
                   expectation(kTimes, *uniform, clean, ExitPlan::all(3)));
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform, kScores, ExitPlan::all(3), {-1, nan, nan}),
                   expectation(kTimes, *uniform, kScores, ExitPlan::all(3)));
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform, kScores, ExitPlan::all(3), {-1, infinity, 0.5}), 0.0);
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform, kScores, ExitPlan::all(3), {99, 4.0, 0.5}), 0.5 * 0.6);
  // The shortest of times, scores and plan counts.
  const std::vector<double> one = {0.5};
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform, one, ExitPlan::all(3)), 0.5 * 0.8);
  EXPECT_DOUBLE_EQ(expectation(kTimes, *uniform, kScores, ExitPlan()), 0.0);
}

}  // namespace
}  // namespace einet::plan
