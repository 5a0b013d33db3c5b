#include "einet/plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "expect_error.h"

namespace einet::plan {
namespace {

TEST(ExitPlan, StartsEmptyAndAcceptsExits) {
  ExitPlan plan(5);
  EXPECT_TRUE(plan.empty());
  EXPECT_EQ(plan.next(-1), 5);
  plan.insert(1);
  plan.insert(4);
  EXPECT_EQ(plan.count(), 2);
  EXPECT_FALSE(plan.contains(0));
  EXPECT_TRUE(plan.contains(1));
  EXPECT_EQ(plan.next(-1), 1);
  EXPECT_EQ(plan.next(1), 4);
  EXPECT_EQ(plan.next(4), 5);
  plan.erase(1);
  EXPECT_EQ(plan.next(-1), 4);
}

TEST(ExitPlan, IteratesAcrossWords) {
  ExitPlan plan(kMaxExits);
  const std::vector<int> members = {0, 63, 64, 127, 128, 640, 1023};
  for (const int exit : members) plan.insert(exit);
  std::vector<int> walked;
  for (int exit = plan.next(-1); exit < plan.exits(); exit = plan.next(exit)) walked.push_back(exit);
  EXPECT_EQ(walked, members);
  EXPECT_EQ(plan.next(1023), kMaxExits);
}

TEST(ExitPlan, ComparesAsASet) {
  EXPECT_EQ(ExitPlan::all(70).count(), 70);
  ExitPlan plan = ExitPlan::all(70);
  plan.erase(69);
  EXPECT_NE(plan, ExitPlan::all(70));
  plan.insert(69);
  EXPECT_EQ(plan, ExitPlan::all(70));
  EXPECT_NE(ExitPlan(3), ExitPlan(4));
}

TEST(BlockTimes, AddsUp) {
  const BlockTimes times{{1, 2}, {0.5, 0.25}, {}};
  EXPECT_DOUBLE_EQ(times.total(), 3.75);
  EXPECT_DOUBLE_EQ(times.planning_after(1), 0.0);
  EXPECT_NO_THROW(times.validate());
}

TEST(BlockTimes, RejectsInvalidTimes) {
  const auto rejects = [](BlockTimes times, const char* text) {
    expect_error(ErrorKind::kInvalidData, text, [&] { times.validate(); });
  };
  rejects({}, "no exits");
  rejects({{1, 1}, {1}, {}}, "2 conv parts but 1 branches");
  rejects({{1, 1}, {1, 1}, {1}}, "2 conv parts but 1 planning times");
  rejects({{1, -1}, {1, 1}, {}}, "conv time of exit 2");
  rejects({{1, 1}, {std::nan(""), 1}, {}}, "branch time of exit 1");
  rejects({{1, 1}, {1, 1}, {0, std::numeric_limits<double>::infinity()}}, "planning time of exit 2");
  rejects({std::vector<double>(kMaxExits + 1, 1.0), std::vector<double>(kMaxExits + 1, 1.0), {}}, "1025 exits");
}

}  // namespace
}  // namespace einet::plan
