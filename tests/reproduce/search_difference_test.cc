#include "reproduce/analysis/search_difference.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace einet::reproduce {
namespace {

/// The case of tests/plan/planner_test.cc, Greedy.IsFooledByTheBestFirstChoice: greedy finds 0.4, the optimum is 0.4 *
/// 7/9
/// + 0.5 * 2/9.
const plan::BlockTimes kTimes{{1, 1, 1}, {1, 2, 3}, {}};

TEST(SearchDifference, CountsWhereTheFirstIsBetter) {
  const SearchDifference found = compare_searches(kTimes, {{0.4, 0.6, 0.9}}, "exact", "greedy");
  EXPECT_EQ(found.searches, 3);  // At the start, after the first and after the second exit.
  EXPECT_GE(found.better, 1);
  EXPECT_NEAR(found.most, 0.4 * 7 / 9 + 0.5 * 2 / 9 - 0.4, 1e-12);
  EXPECT_EQ(compare_searches(kTimes, {{0.4, 0.6, 0.9}}, "greedy", "exact").better, 0);
}

TEST(SearchDifference, AddsUp) {
  SearchDifference sum = compare_searches(kTimes, {{0.4, 0.6, 0.9}}, "exact", "greedy");
  const SearchDifference same = compare_searches(kTimes, {{0.4, 0.6, 0.9}, {0, 0, 0}}, "exact", "exact");
  EXPECT_EQ(same.searches, 6);
  EXPECT_EQ(same.better, 0);
  const double most = sum.most;
  sum.add(same);
  EXPECT_EQ(sum.searches, 9);
  EXPECT_EQ(sum.most, most);
}

TEST(SearchDifference, RefusesUnknownPlanners) {
  expect_error(ErrorKind::kUsage, "exakt", [] { compare_searches(kTimes, {}, "exakt", "exact"); });
}

}  // namespace
}  // namespace einet::reproduce
