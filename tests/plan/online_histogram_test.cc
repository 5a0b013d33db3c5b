#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "einet/distribution.h"
#include "einet/planner.h"
#include "expect_error.h"

namespace einet::plan {
namespace {

TEST(OnlineHistogram, BeginsUniform) {
  const OnlineHistogram histogram(8.0);
  for (int k = 0; k <= 8; ++k) EXPECT_NEAR(histogram.cdf(k), k / 8.0, 1e-15);
}

TEST(OnlineHistogram, CountsObservations) {
  OnlineHistogram histogram(4.0, {.bins = 4, .prior_weight = 4.0});
  histogram.observe(0.5);
  histogram.observe(0.9);
  histogram.observe(3.0);
  histogram.observe(100.0);  // Later than the horizon: counts in the last bin.
  EXPECT_EQ(histogram.observations(), 4);
  // Weights 3, 1, 1, 3.
  EXPECT_DOUBLE_EQ(histogram.cdf(1.0), 3.0 / 8);
  EXPECT_DOUBLE_EQ(histogram.cdf(2.0), 4.0 / 8);
  EXPECT_DOUBLE_EQ(histogram.cdf(3.5), 6.5 / 8);
}

TEST(OnlineHistogram, IgnoresInvalidTimes) {
  OnlineHistogram histogram(4.0);
  histogram.observe(-1.0);
  histogram.observe(std::nan(""));
  EXPECT_EQ(histogram.observations(), 0);
  EXPECT_EQ(histogram.version(), 0u);
  histogram.observe(std::numeric_limits<double>::infinity());
  EXPECT_EQ(histogram.observations(), 1);
}

TEST(OnlineHistogram, ConvergesToTheTrueDistribution) {
  const auto device = gaussian_distribution(0.3, 0.1, 2.0);
  OnlineHistogram histogram(2.0);
  std::mt19937_64 random(1);
  for (int k = 0; k < 20000; ++k) histogram.observe(device->sample(random));
  for (int k = 0; k < 40; ++k) EXPECT_NEAR(histogram.cdf(k * 0.05), device->cdf(k * 0.05), 0.015);
}

TEST(OnlineHistogram, ForgetsWithAMemory) {
  OnlineHistogram histogram(1.0, {.bins = 2, .memory = 10.0});
  for (int k = 0; k < 1000; ++k) histogram.observe(0.25);
  EXPECT_GT(histogram.cdf(0.5), 0.999);
  for (int k = 0; k < 10; ++k) histogram.observe(0.75);
  EXPECT_NEAR(histogram.cdf(0.5), std::pow(0.9, 10), 1e-9);
}

TEST(OnlineHistogram, RejectsInvalidOptions) {
  expect_error(ErrorKind::kInvalidData, "0 bins", [] { OnlineHistogram histogram(1.0, {.bins = 0}); });
  expect_error(ErrorKind::kInvalidData, "prior", [] { OnlineHistogram histogram(1.0, {.prior_weight = 0.0}); });
  expect_error(ErrorKind::kInvalidData, "memory", [] { OnlineHistogram histogram(1.0, {.memory = 0.5}); });
}

TEST(OnlineHistogram, PlannersFollowIt) {
  const BlockTimes times{{1, 1, 1}, {1, 1, 1}, {}};
  const std::vector<double> scores = {0.5, 0.6, 0.9};
  const auto histogram = std::make_shared<OnlineHistogram>(6.0, HistogramOptions{.bins = 60, .prior_weight = 0.1});
  const auto planner = make_planner("exact", times, histogram);
  const auto oracle = make_planner("enumerate", times, histogram);
  const auto agree = [&] {
    const Planned planned = planner->plan(scores);
    EXPECT_NEAR(planned.expectation, oracle->plan(scores).expectation, 1e-12);
    return planned.plan;
  };
  agree();
  // At 3.5, exit 1 or exit 2 can be in time, but exit 2 only without exit 1.
  for (int k = 0; k < 1000; ++k) histogram->observe(3.5);
  const ExitPlan early = agree();
  EXPECT_FALSE(early.contains(0));
  EXPECT_TRUE(early.contains(1));
  // At 4.5, exit 3 can be in time, but only alone.
  for (int k = 0; k < 100000; ++k) histogram->observe(4.5);
  const ExitPlan late = agree();
  EXPECT_EQ(late.count(), 1);
  EXPECT_TRUE(late.contains(2));
}

/// For the thread sanitizer; also checks that readers always see valid values.
TEST(OnlineHistogram, CanBeReadDuringUpdates) {
  OnlineHistogram histogram(1.0);
  std::thread observer([&] {
    for (int k = 0; k < 5000; ++k) histogram.observe(0.2 + 0.1 * (k % 3));
  });
  for (int k = 0; k < 5000; ++k) {
    const double level = histogram.cdf(0.35);
    EXPECT_GE(level, 0.0);
    EXPECT_LE(level, 1.0);
  }
  observer.join();
  EXPECT_EQ(histogram.observations(), 5000);
}

}  // namespace
}  // namespace einet::plan
