// The bounds used by the label search, compared with the true values.

#include "plan/search/delay_table.h"

#include <gtest/gtest.h>

#include "plan/instance.h"
#include "plan/search/enumeration.h"

namespace einet::plan {
namespace {

/// The greatest gain of exits after `exit` if it comes with `delay`, by trying all plans.
double most_after(const Schedule& schedule, const PlanningState& now, int exit, double delay) {
  const double score = now.scores[exit];
  const PlanningState there{now.scores, exit, schedule.ready(exit) + delay, score, delay + schedule.hold(exit)};
  return schedule.value(best_of_all(schedule, there), there) - score * schedule.survival(there.elapsed);
}

class DelayTableProperty : public testing::TestWithParam<std::string> {};

TEST_P(DelayTableProperty, NoGainExceedsItsBound) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *instances(8);
    const auto cut_off = make_distribution(GetParam(), instance);
    Schedule schedule(instance.times, cut_off);
    DelayTable table(schedule);
    const PlanningState now = schedule.read(instance.scores, instance.start);
    RC_PRE(schedule.survival(now.elapsed) > 0.0);
    table.prepare(now);
    double full_delay = now.delay;
    for (int exit = now.exit + 1; exit < schedule.exits(); ++exit) {
      const double delay = now.delay + (full_delay - now.delay) * *rc::gen::inRange(0, 1001) / 1000.0;
      RC_ASSERT(table.bound(exit, delay) >= most_after(schedule, now, exit, delay) - 1e-12);
      RC_ASSERT(table.survival_bound(exit, delay) >= schedule.survival(schedule.ready(exit) + delay));
      full_delay += schedule.hold(exit);
    }
  }));
}

INSTANTIATE_TEST_SUITE_P(Distributions, DelayTableProperty, testing::ValuesIn(distribution_kinds()),
                         [](const auto& info) { return info.param; });

TEST(DelayTable, IsTightForSmoothDistributions) {
  const BlockTimes times{{1, 1, 1, 1, 1, 1}, {0.3, 0.4, 0.5, 0.3, 0.4, 0.5}, {}};
  const std::vector<double> scores = {0.3, 0.5, 0.6, 0.7, 0.8, 0.85};
  Schedule schedule(times, gaussian_distribution(0.5, 0.5, times.total()));
  DelayTable table(schedule);
  const PlanningState now = schedule.read(scores, {});
  table.prepare(now);
  for (int exit = 0; exit < 6; ++exit) {
    const double delay = 0.3 * exit;
    EXPECT_NEAR(table.bound(exit, delay), most_after(schedule, now, exit, delay), 1e-3);
  }
}

TEST(DelayTable, FollowsAnOnlineDistribution) {
  const BlockTimes times{{1, 1, 1}, {1, 1, 1}, {}};
  const std::vector<double> scores = {0.5, 0.6, 0.9};
  const auto histogram = std::make_shared<OnlineHistogram>(6.0, HistogramOptions{.prior_weight = 0.1});
  for (int k = 0; k < 100; ++k) histogram->observe(1.5);  // Outputs after exit 1 have almost no value …
  Schedule schedule(times, histogram);
  DelayTable table(schedule);
  const PlanningState now = schedule.read(scores, {});
  table.prepare(now);
  EXPECT_LT(table.bound(0, 0.0), 0.01);
  for (int k = 0; k < 10000; ++k) histogram->observe(5.9);  // … and then almost full value.
  table.prepare(now);
  EXPECT_GT(most_after(schedule, now, 0, 0.0), 0.3);
  EXPECT_GE(table.bound(0, 0.0), most_after(schedule, now, 0, 0.0));
}

}  // namespace
}  // namespace einet::plan
