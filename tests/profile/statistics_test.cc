#include "profile/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace einet::profile {
namespace {

TEST(Mean, OfFewNumbers) {
  EXPECT_EQ(mean(std::vector<double>{}), 0.0);
  EXPECT_EQ(mean(std::vector<double>{3.0}), 3.0);
  EXPECT_EQ(mean(std::vector<double>{1.0, 2.0, 6.0}), 3.0);
}

TEST(Quantile, InterpolatesBetweenOrderStatistics) {
  // Positions p * (5 - 1): 0.1 -> 0.4, 0.9 -> 3.6.
  const std::vector<double> values = {1.0, 2.0, 4.0, 8.0, 16.0};
  EXPECT_DOUBLE_EQ(quantile(values, 0.0), 1.0);
  EXPECT_DOUBLE_EQ(quantile(values, 0.1), 1.4);
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 4.0);
  EXPECT_DOUBLE_EQ(quantile(values, 0.9), 12.8);
  EXPECT_DOUBLE_EQ(quantile(values, 1.0), 16.0);
}

TEST(Quantile, OfOneOrNoValue) {
  EXPECT_EQ(quantile(std::vector<double>{7.0}, 0.99), 7.0);
  EXPECT_EQ(quantile(std::vector<double>{}, 0.5), 0.0);
}

TEST(NearestRank, IsTheSmallestValueThatCoversTheShare) {
  std::mt19937_64 random(1);
  for (int n = 1; n <= 40; ++n) {
    std::vector<double> values;
    for (int i = 0; i < n; ++i) values.push_back(static_cast<double>(random() % 10));
    std::ranges::sort(values);
    for (const double q : {0.01, 0.25, 0.5, 0.75, 0.99, 0.999, 1.0}) {
      const auto covers = [&](double value) {
        const auto below = std::ranges::count_if(values, [&](double other) { return other <= value; });
        return static_cast<double>(below) >= q * n;
      };
      EXPECT_EQ(nearest_rank(values, q), *std::ranges::find_if(values, covers)) << n << ' ' << q;
    }
  }
  EXPECT_EQ(nearest_rank({}, 0.5), 0.0);
}

TEST(SummarizeRuns, ExcludesDisturbedRunsFromEveryMean) {
  // Ten runs of two parts. Run 7 was interrupted within part 1: its part 0 must not count either.
  std::vector<double> times;
  for (int run = 0; run < 10; ++run) {
    times.push_back(run == 7 ? 5.0 : 1.0);
    times.push_back(run == 7 ? 1000.0 : 2.0);
  }
  const std::vector<TimeStat> stats = summarize_runs(times, 2);
  ASSERT_EQ(stats.size(), 2u);
  EXPECT_DOUBLE_EQ(stats[0].mean, 1.0);
  EXPECT_DOUBLE_EQ(stats[1].mean, 2.0);
  EXPECT_DOUBLE_EQ(stats[1].p50, 2.0);
  // The quantiles reflect it: position 0.99 * 9 = 8.91, between 2 and 1000.
  EXPECT_DOUBLE_EQ(stats[1].p99, 2.0 + 0.91 * 998.0);
}

TEST(SummarizeRuns, KeepsAllRunsWithoutAnOutlier) {
  const TimeStat stat = summarize_runs(std::vector<double>{1.0, 1.0, 1.0});
  EXPECT_DOUBLE_EQ(stat.mean, 1.0);
  EXPECT_DOUBLE_EQ(stat.p10, 1.0);
  EXPECT_DOUBLE_EQ(stat.p99, 1.0);
}

TEST(SummarizeRuns, KeepsASingleRun) {
  const std::vector<TimeStat> stats = summarize_runs(std::vector<double>{1.0, 2.0, 3.0}, 3);
  EXPECT_DOUBLE_EQ(stats[0].mean, 1.0);
  EXPECT_DOUBLE_EQ(stats[2].mean, 3.0);
}

}  // namespace
}  // namespace einet::profile
