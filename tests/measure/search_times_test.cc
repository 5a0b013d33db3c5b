#include "measure/search_times.h"

#include <gtest/gtest.h>

#include <vector>

#include "expect_error.h"

namespace einet::measure {
namespace {

TEST(CallTimes, CountsCallsAndOrdersTimes) {
  std::vector<int> calls;
  const CallTimes times = time_calls(3, 2, [&](int k) { calls.push_back(k); });
  EXPECT_EQ(calls, (std::vector<int>{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(times.repetitions, 3);
  EXPECT_LE(times.least, times.mean);
  EXPECT_LE(times.mean, times.most);
  expect_error(ErrorKind::kUsage, "repetitions", [] { time_calls(0, 1, [](int) {}); });
}

TEST(PlanningQuestion, HasTheSizeAskedForAndIsRepeatable) {
  const PlanningQuestion question = random_question(40, 3, 1);
  EXPECT_EQ(question.times.exits(), 40);
  ASSERT_EQ(question.scores.size(), 3u);
  EXPECT_EQ(question.scores[2].size(), 40u);
  EXPECT_EQ(question.scores, random_question(40, 3, 1).scores);
  EXPECT_NE(question.scores, random_question(40, 3, 2).scores);
  expect_error(ErrorKind::kUsage, "planning question", [] { random_question(0, 1, 1); });
}

/// Conv parts of 0.5 and 1 s, branches of 0.5 and 1 s: T = 3 s. With both exits the first answers from 1 s on, and the
/// second comes at the horizon. Without the first, the second comes at 2.5 s.
TEST(SearchTimes, ReportsTheValueOfTheFirstRow) {
  const PlanningQuestion question{{{0.5, 1.0}, {0.5, 1.0}, {}}, {{0.4, 0.8}, {0.0, 0.0}}};
  for (const SearchTimes& found :
       {time_expectation(question, 2), time_search(question, "exact", 2), time_search(question, "hybrid-all-1", 2)}) {
    EXPECT_NEAR(found.value, 0.4 * 2 / 3, 1e-12);
    EXPECT_EQ(found.times.repetitions, 2);
  }
  expect_error(ErrorKind::kUsage, "planner 'none'", [&] { time_search(question, "none", 1); });
}

}  // namespace
}  // namespace einet::measure
