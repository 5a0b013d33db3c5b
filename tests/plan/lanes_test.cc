#include "plan/lanes.h"

#include <gtest/gtest.h>

#include "einet/planner.h"
#include "expect_error.h"

namespace einet::plan {
namespace {

BlockTimes two_lanes(std::vector<double> conv, std::vector<double> branch, double slowdown = 1.0) {
  BlockTimes times{.conv = conv, .branch = branch, .planning = {}};
  times.lane = {conv, conv, branch};
  for (double& busy : times.lane.busy) busy *= slowdown;
  return times;
}

TEST(Lanes, TheTrunkDoesNotWaitForBranches) {
  const BlockTimes times = two_lanes({1, 1, 1}, {0.5, 0.25, 0.5});
  Lanes lanes;
  EXPECT_DOUBLE_EQ(next_output(times, lanes, 0), 1.5);
  EXPECT_DOUBLE_EQ(next_output(times, lanes, 1), 2.25);
  EXPECT_DOUBLE_EQ(next_output(times, lanes, 2), 3.5);
}

TEST(Lanes, BranchesWaitForEachOther) {
  const BlockTimes times = two_lanes({1, 1, 1}, {3, 1, 1});
  Lanes lanes;
  EXPECT_DOUBLE_EQ(next_output(times, lanes, 0), 4);
  EXPECT_DOUBLE_EQ(next_output(times, lanes, 1), 5);
  EXPECT_DOUBLE_EQ(next_output(times, lanes, 2), 6);
  EXPECT_DOUBLE_EQ(lanes.trunk, 3);
}

TEST(Lanes, PlanningOccupiesTheBranchLane) {
  BlockTimes times = two_lanes({1, 1}, {0.5, 0.5});
  times.planning = {2, 0};
  Lanes lanes;
  EXPECT_DOUBLE_EQ(next_output(times, lanes, 0), 1.5);
  EXPECT_DOUBLE_EQ(lanes.free, 3.5);
  EXPECT_DOUBLE_EQ(next_output(times, lanes, 1), 4);
  EXPECT_DOUBLE_EQ(lanes.trunk, 2);
}

/// The second conv part begins at 1 and takes twice as long while the branch runs, until 1.5: half of a second is a
/// quarter of the work, the rest takes 0.75.
TEST(Lanes, ABusyBranchLaneSlowsTheTrunk) {
  const BlockTimes times = two_lanes({1, 1}, {0.5, 0.5}, 2.0);
  Lanes lanes;
  next_output(times, lanes, 0);
  pass_part(times, lanes);
  EXPECT_DOUBLE_EQ(lanes.trunk, 2.25);
  const BlockTimes longer = two_lanes({1, 1}, {5, 0.5}, 2.0);
  lanes = {};
  next_output(longer, lanes, 0);
  pass_part(longer, lanes);
  EXPECT_DOUBLE_EQ(lanes.trunk, 3);
}

TEST(Lanes, ExpectationOfAPlanThatOneLaneCannotFollow) {
  const BlockTimes times = two_lanes({1, 1}, {1, 1});
  const auto uniform = uniform_distribution(4);
  const std::vector<double> scores = {0.5, 0.9};
  // Outputs at 2 and 3, with one lane at 2 and 4.
  EXPECT_DOUBLE_EQ(expectation(times, *uniform, scores, ExitPlan::all(2)), 0.5 * 0.25 + 0.9 * 0.25);
  BlockTimes one = times;
  one.lane = {};
  EXPECT_DOUBLE_EQ(expectation(one, *uniform, scores, ExitPlan::all(2)), 0.5 * 0.5);
}

TEST(Lanes, PendingBranchesCountAndPassedExitsAreDecided) {
  const BlockTimes times = two_lanes({1, 1, 1, 1}, {2, 2, 2, 1});
  const auto uniform = uniform_distribution(10);
  const std::vector<double> scores = {0.2, 0.4, 0.6, 0.8};
  // Exit 1 answered at 3. The trunk passed exit 3 at that time, and exit 2 is pending: its output comes at 5.
  Start start{.exit = 0, .elapsed = 3, .score = 0.2};
  start.ahead = {.exit = 2, .elapsed = 3, .pending = ExitPlan(4)};
  start.ahead.pending.insert(1);
  EXPECT_DOUBLE_EQ(expectation(times, *uniform, scores, ExitPlan(4), start), 0.2 * 0.2 + 0.4 * 0.5);
  // Exit 4 at 6; exit 3 can no longer be chosen.
  EXPECT_DOUBLE_EQ(expectation(times, *uniform, scores, ExitPlan::all(4), start), 0.2 * 0.2 + 0.4 * 0.1 + 0.8 * 0.4);
  const Planned planned = make_planner("exact", times, uniform)->plan(scores, start);
  EXPECT_EQ(planned.plan.count(), 1);
  EXPECT_TRUE(planned.plan.contains(3));
}

TEST(Lanes, TheHorizonIsThatOfOneLane) { EXPECT_DOUBLE_EQ(two_lanes({1, 2}, {3, 4}, 1.5).total(), 10); }

TEST(Lanes, InvalidTimesAreRejected) {
  const auto rejects = [](const char* why, const BlockTimes& times) {
    expect_error(ErrorKind::kInvalidData, why, [&] { times.validate(); });
  };
  BlockTimes times = two_lanes({1, 2}, {3, 4});
  times.validate();
  times.lane.branch.pop_back();
  rejects("another number of exits", times);
  times = two_lanes({1, 2}, {3, 4});
  times.lane.conv.clear();
  rejects("another number of exits", times);
  times = two_lanes({1, 2}, {3, 4}, 0.5);
  rejects("faster while the branch lane is busy", times);
  times = two_lanes({1, 2}, {3, 4});
  times.lane.branch[1] = -1;
  rejects("two-lane branch", times);
}

}  // namespace
}  // namespace einet::plan
