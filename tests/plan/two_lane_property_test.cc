// Two lanes: expectation() against a step-by-step run, the exact planner against brute force, and properties of all
// planners, on random instances for every distribution.

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

#include "plan/instance.h"
#include "plan/survival.h"

namespace einet::plan {
namespace {

const bool kConfigured = setenv("RC_PARAMS", "max_success=5000 max_size=100", 0) == 0;

class TwoLaneProperty : public testing::TestWithParam<std::string> {};

/// The oracle of the time law: a run from the beginning, event by event. Both lanes advance to the next moment at which
/// one of them ends a block; the trunk's speed is that of its present state. Returns the time of each output.
std::vector<double> outputs_by_events(const BlockTimes& times, const ExitPlan& plan) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const int exits = times.exits();
  std::vector<double> outputs(exits, kNever);
  std::vector<int> queue;
  double now = 0.0, work = 1.0, until = kNever;  // Share of the conv part that is left; end of the lane's present job.
  int part = 0, running = -1;
  bool plans = false;  // The lane's present job is planning.
  while (part < exits || running >= 0 || !queue.empty()) {
    if (running < 0 && !queue.empty()) {
      running = queue.front();
      queue.erase(queue.begin());
      until = now + times.lane.branch[running];
      plans = false;
    }
    const double duration = part == exits ? kNever : running >= 0 ? times.lane.busy[part] : times.lane.conv[part];
    const double trunk_ends = part == exits ? kNever : now + work * duration;
    if (running >= 0 && until <= trunk_ends) {
      if (part < exits && duration > 0.0) work -= (until - now) / duration;
      work = std::max(work, 0.0);
      now = until;
      if (!plans) outputs[running] = now;
      if (!plans && times.planning_after(running) > 0.0) {
        plans = true;
        until = now + times.planning_after(running);
      } else {
        running = -1;
      }
    } else {
      now = trunk_ends;
      if (plan.contains(part)) queue.push_back(part);
      ++part;
      work = 1.0;
    }
  }
  return outputs;
}

ExitPlan any_plan(int exits) {
  ExitPlan plan(exits);
  for (int exit = 0; exit < exits; ++exit) {
    if (*rc::gen::arbitrary<bool>()) plan.insert(exit);
  }
  return plan;
}

TEST_P(TwoLaneProperty, ExpectationFollowsARunEventByEvent) {
  EXPECT_TRUE(rc::check([&] {
    Instance instance = *two_lane_instances(12);
    instance.start = {};
    const auto cut_off = make_distribution(GetParam(), instance);
    const ExitPlan plan = any_plan(instance.exits());
    const std::vector<double> outputs = outputs_by_events(instance.times, plan);
    double expected = 0.0, score = 0.0;
    for (int exit = plan.next(-1); exit < plan.exits(); exit = plan.next(exit)) {
      expected += (instance.scores[exit] - score) * (1.0 - cut_off->cdf(outputs[exit]));
      score = instance.scores[exit];
    }
    const double value = expectation(instance.times, *cut_off, instance.scores, plan);
    // Times that are sums in another order may be on the other side of a step of F.
    double tolerance = 1e-9;
    for (int exit = plan.next(-1); exit < plan.exits(); exit = plan.next(exit)) {
      tolerance += cut_off->cdf(outputs[exit] * (1 + 1e-12)) - cut_off->cdf(outputs[exit] * (1 - 1e-12));
    }
    RC_ASSERT(std::abs(value - expected) <= tolerance);
  }));
}

TEST_P(TwoLaneProperty, ExactEqualsTryingAllPlans) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *two_lane_instances(12);
    const auto cut_off = make_distribution(GetParam(), instance);
    const Planned planned = make_test_planner("exact", instance, cut_off)->plan(instance.scores, instance.start);
    RC_ASSERT(std::abs(planned.expectation - best_by_trying_all(instance, *cut_off)) <= 1e-12);
    const double value = expectation(instance.times, *cut_off, instance.scores, planned.plan, instance.start);
    RC_ASSERT(std::abs(planned.expectation - value) <= 1e-12);
    RC_ASSERT(planned.upper_bound == planned.expectation);
    RC_ASSERT(planned.plan.next(-1) > std::max(instance.start.exit, instance.start.ahead.exit));
  }));
}

TEST_P(TwoLaneProperty, EnumerateEqualsTryingAllPlans) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *two_lane_instances(8);
    const auto cut_off = make_distribution(GetParam(), instance);
    const Planned planned = make_test_planner("enumerate", instance, cut_off)->plan(instance.scores, instance.start);
    RC_ASSERT(std::abs(planned.expectation - best_by_trying_all(instance, *cut_off)) <= 1e-12);
  }));
}

/// With few labels the plan may be worse, but the certificate stays true.
TEST_P(TwoLaneProperty, TheUpperBoundHoldsWithFewLabels) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *two_lane_instances(12);
    const auto cut_off = make_distribution(GetParam(), instance);
    const double best = best_by_trying_all(instance, *cut_off);
    for (const std::string name : {"exact-1", "exact-3"}) {
      const Planned planned = make_test_planner(name, instance, cut_off)->plan(instance.scores, instance.start);
      RC_ASSERT(planned.expectation <= best + 1e-12);
      RC_ASSERT(planned.upper_bound >= best - 1e-12);
    }
  }));
}

TEST_P(TwoLaneProperty, NoPlannerBeatsExactOrMisstatesItsValue) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *two_lane_instances(10);
    const std::string name = *rc::gen::elementOf(planner_names());
    const auto cut_off = make_distribution(GetParam(), instance);
    const Planned exact = make_test_planner("exact", instance, cut_off)->plan(instance.scores, instance.start);
    const Planned other = make_test_planner(name, instance, cut_off)->plan(instance.scores, instance.start);
    const double value = expectation(instance.times, *cut_off, instance.scores, other.plan, instance.start);
    RC_ASSERT(std::abs(other.expectation - value) <= 1e-12);
    RC_ASSERT(other.expectation <= exact.expectation + 1e-12);
    RC_ASSERT(other.upper_bound >= exact.expectation - 1e-12);
    RC_ASSERT(other.plan.next(-1) > std::max(instance.start.exit, instance.start.ahead.exit));
  }));
}

/// Ties favour answering: a run that is never cut off does not stop while a better exit is left.
TEST_P(TwoLaneProperty, LeavesNoBetterExitAfterItsLast) {
  EXPECT_TRUE(rc::check([&] {
    Instance instance = *two_lane_instances(12);
    instance.start = {.deadline = instance.start.deadline};
    const auto cut_off = make_distribution(GetParam(), instance);
    const ExitPlan plan = make_test_planner("exact", instance, cut_off)->plan(instance.scores, instance.start).plan;
    RC_ASSERT(!plan.empty());
    int last = -1;
    for (int exit = plan.next(last); exit < plan.exits(); exit = plan.next(exit)) last = exit;
    for (int exit = last + 1; exit < plan.exits(); ++exit) RC_ASSERT(instance.scores[exit] <= instance.scores[last]);
  }));
}

/// A second lane that is no slower never makes a plan worse.
TEST_P(TwoLaneProperty, ASecondLaneWithoutContentionGainsOrTies) {
  EXPECT_TRUE(rc::check([&] {
    Instance instance = *two_lane_instances(12);
    instance.start = {};
    instance.times.planning.clear();
    instance.times.lane = {instance.times.conv, instance.times.conv, instance.times.branch};
    const auto cut_off = make_distribution(GetParam(), instance);
    const ExitPlan plan = any_plan(instance.exits());
    std::vector<double> rising = instance.scores;
    std::sort(rising.begin(), rising.end());
    BlockTimes one = instance.times;
    one.lane = {};
    RC_ASSERT(expectation(instance.times, *cut_off, rising, plan) >= expectation(one, *cut_off, rising, plan) - 1e-12);
  }));
}

INSTANTIATE_TEST_SUITE_P(Distribution, TwoLaneProperty, testing::ValuesIn(distribution_kinds()));

}  // namespace
}  // namespace einet::plan
