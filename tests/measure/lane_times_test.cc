#include "measure/lane_times.h"

#include <gtest/gtest.h>

#include "exec/program.h"
#include "expect_error.h"
#include "zoo/zoo.h"

namespace einet::measure {
namespace {

TEST(BusySeconds, FollowsFromTheOverlap) {
  // Takes 2 alone and 4 beside a branch: 2 beside a branch is half of the work, the rest takes 1.
  EXPECT_DOUBLE_EQ(*busy_seconds(std::vector<double>{3, 4}, std::vector<double>{2, 4}, 2), 4);
  // One disturbed run of three.
  EXPECT_DOUBLE_EQ(*busy_seconds(std::vector<double>{3, 90, 4}, std::vector<double>{2, 90, 4}, 2), 4);
  EXPECT_DOUBLE_EQ(*busy_seconds(std::vector<double>{2}, std::vector<double>{2}, 2), 2) << "no contention";
  EXPECT_DOUBLE_EQ(*busy_seconds(std::vector<double>{1}, std::vector<double>{1}, 2), 2) << "never faster";
  EXPECT_DOUBLE_EQ(*busy_seconds(std::vector<double>{1000}, std::vector<double>{1000}, 2), 8) << "at most four times";
}

TEST(BusySeconds, NeedsOverlapInMostRuns) {
  EXPECT_FALSE(busy_seconds(std::vector<double>{3, 2, 2}, std::vector<double>{2, 0.1, 0.1}, 2));
  EXPECT_FALSE(busy_seconds(std::vector<double>{0}, std::vector<double>{0}, 0));
}

TEST(LaneTimes, MeasuresEveryPart) {
  const graph::Graph graph = zoo::build("b-alexnet", {});
  const EtOptions options{.warm_up = Seconds(0), .budget = Seconds(0.05), .min_samples = 10};
  const auto program = exec::compile(graph, {.branch_lane = true});
  const profile::LaneProfile lanes = measure_lane_times(*program, options);
  EXPECT_GE(lanes.samples, 10);
  ASSERT_EQ(lanes.conv.size(), 3u);
  ASSERT_EQ(lanes.branch.size(), 3u);
  ASSERT_EQ(lanes.busy.size(), 3u);
  for (int exit = 0; exit < 3; ++exit) {
    EXPECT_GT(lanes.conv[exit].p50, 0.0);
    EXPECT_GT(lanes.branch[exit].p50, 0.0);
    EXPECT_GE(lanes.busy[exit], lanes.conv[exit].p50);
  }
  expect_error(ErrorKind::kUsage, "without a branch lane", [&] { measure_lane_times(*exec::compile(graph), options); });
}

}  // namespace
}  // namespace einet::measure
