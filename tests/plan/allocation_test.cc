// Plans are made between the blocks of a run, where allocations are not allowed.

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "allocation_count.h"
#include "einet/planner.h"

namespace einet::plan {
namespace {

constexpr int kExits = 21;

BlockTimes times(int lanes) {
  BlockTimes times;
  for (int i = 0; i < kExits; ++i) {
    times.conv.push_back(1.0 + 0.1 * (i % 3));
    times.branch.push_back(0.3 + 0.1 * (i % 5));
    times.planning.push_back(0.01);
    if (lanes == 1) continue;
    times.lane.conv.push_back(times.conv.back());
    times.lane.busy.push_back(1.1 * times.conv.back());
    times.lane.branch.push_back(times.branch.back());
  }
  return times;
}

class Planning : public testing::TestWithParam<int> {};  // The number of lanes.

TEST_P(Planning, AllocatesNothing) {
  const double horizon = times(1).total();
  const auto online = std::make_shared<OnlineHistogram>(horizon);
  const std::vector<std::shared_ptr<const ExitTimeDistribution>> distributions = {
      uniform_distribution(horizon),
      gaussian_distribution(0.5, 0.5, horizon),
      deadline_distribution(0.6 * horizon),
      exponential_distribution(0.5 * horizon),
      histogram_distribution(std::vector<double>{1, 3, 2}, horizon),
      empirical_distribution(std::vector<double>{0.2 * horizon, 0.5 * horizon, 0.9 * horizon}),
      online};
  std::vector<double> scores(kExits);
  for (const std::string& name : planner_names()) {
    if (name == "enumerate") continue;  // Too slow: 2^21 plans.
    for (const auto& distribution : distributions) {
      const std::unique_ptr<Planner> planner = make_planner(name, times(GetParam()), distribution);
      const long before = allocations();
      double sum = 0.0;
      for (int exit = -1; exit < kExits; ++exit) {
        for (int i = 0; i < kExits; ++i) scores[i] = 0.9 - 0.5 * std::exp(-0.2 * i) + 0.05 * ((i * exit) % 3);
        sum += planner->plan(scores, {exit, 1.3 * (exit + 1), 0.4}).expectation;
        online->observe(0.5 * horizon);
      }
      EXPECT_EQ(allocations() - before, 0) << name << " " << distribution->description();
      EXPECT_GT(sum, 0.0);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Lanes, Planning, testing::Values(1, 2));

/// Otherwise the tests above could not fail.
TEST(AllocationCount, Counts) {
  const long before = allocations();
  const auto value = std::make_unique<double>(1.0);
  EXPECT_EQ(allocations() - before, 1);
}

}  // namespace
}  // namespace einet::plan
