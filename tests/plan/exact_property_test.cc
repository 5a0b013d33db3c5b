// The exact planner against brute force, and properties of all planners, on 10,000 random instances each and for
// every distribution. RC_PARAMS in the environment overrides the number and reproduces a failure.

#include <gtest/gtest.h>

#include <cstdlib>

#include "plan/instance.h"

namespace einet::plan {
namespace {

const bool kConfigured = setenv("RC_PARAMS", "max_success=10000 max_size=100", 0) == 0;

class ExactProperty : public testing::TestWithParam<std::string> {
 protected:
  std::shared_ptr<const ExitTimeDistribution> distribution(const Instance& instance) const {
    return make_distribution(GetParam(), instance);
  }
};

TEST_P(ExactProperty, EqualsTryingAllPlans) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *instances(12);
    const auto cut_off = distribution(instance);
    const Planned planned = make_test_planner("exact", instance, cut_off)->plan(instance.scores, instance.start);
    RC_ASSERT(std::abs(planned.expectation - best_by_trying_all(instance, *cut_off)) <= 1e-12);
    // The stated expectation of the plan is correct, and the proof is complete.
    const double value = expectation(instance.times, *cut_off, instance.scores, planned.plan, instance.start);
    RC_ASSERT(std::abs(planned.expectation - value) <= 1e-12);
    RC_ASSERT(planned.upper_bound == planned.expectation);
    RC_ASSERT(planned.plan.next(-1) > instance.start.exit);
  }));
}

TEST_P(ExactProperty, IsNotBeatenByAnyPlanner) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *instances(12);
    const std::string name = *rc::gen::elementOf(planner_names());
    const auto cut_off = distribution(instance);
    const Planned exact = make_test_planner("exact", instance, cut_off)->plan(instance.scores, instance.start);
    const Planned other = make_test_planner(name, instance, cut_off)->plan(instance.scores, instance.start);
    RC_ASSERT(other.expectation <= exact.expectation + 1e-12);
    RC_ASSERT(other.upper_bound >= exact.expectation - 1e-12);
    RC_ASSERT(other.upper_bound >= other.expectation);
  }));
}

/// Ties favour answering: a run that is never cut off does not stop while a better exit is left.
TEST_P(ExactProperty, LeavesNoBetterExitAfterItsLast) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *instances(12);
    const auto cut_off = distribution(instance);
    const ExitPlan plan = make_test_planner("exact", instance, cut_off)->plan(instance.scores, instance.start).plan;
    const int exits = instance.exits();
    int last = instance.start.exit;
    for (int exit = plan.next(last); exit < exits; exit = plan.next(exit)) last = exit;
    RC_ASSERT(last >= 0 || instance.start.score > 0.0);
    const double score = last == instance.start.exit ? instance.start.score : instance.scores[last];
    for (int exit = last + 1; exit < exits; ++exit) RC_ASSERT(instance.scores[exit] <= score);
  }));
}

/// No planner skips a better exit because it is too late, and all planners answer.
TEST_P(ExactProperty, NoPlannerStopsBecauseItIsLate) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *instances(12);
    const std::string name = *rc::gen::elementOf(planner_names());
    const auto cut_off = distribution(instance);
    const Planned planned = make_test_planner(name, instance, cut_off)->plan(instance.scores, instance.start);
    const int exits = instance.exits();
    RC_ASSERT(instance.start.exit >= 0 || instance.start.score > 0.0 || !planned.plan.empty());
    const double value = expectation(instance.times, *cut_off, instance.scores, planned.plan, instance.start);
    RC_ASSERT(std::abs(value - planned.expectation) <= 1e-12);
    int last = instance.start.exit;
    for (int exit = planned.plan.next(last); exit < exits; exit = planned.plan.next(exit)) last = exit;
    const double score = last == instance.start.exit ? instance.start.score : instance.scores[last];
    for (int exit = last + 1; exit < exits; ++exit) {
      if (instance.scores[exit] <= score) continue;
      ExitPlan longer = planned.plan;
      longer.insert(exit);
      RC_ASSERT(expectation(instance.times, *cut_off, instance.scores, longer, instance.start) > value);
    }
  }));
}

/// The principle of optimality: re-planning while following the plan gives the rest of the same plan.
TEST_P(ExactProperty, ReplanningWithUnchangedBeliefsKeepsThePlan) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *instances(12);
    const auto cut_off = distribution(instance);
    const auto planner = make_test_planner("exact", instance, cut_off);
    const ExitPlan plan = planner->plan(instance.scores, instance.start).plan;
    Start now = instance.start;
    for (int exit = plan.next(-1); exit < plan.exits(); exit = plan.next(exit)) {
      if (now.exit >= 0) now.elapsed += instance.times.planning_after(now.exit);
      for (int i = now.exit + 1; i <= exit; ++i) now.elapsed += instance.times.conv[i];
      now.elapsed += instance.times.branch[exit];
      now.exit = exit;
      now.score = instance.scores[exit];
      const double kept = expectation(instance.times, *cut_off, instance.scores, plan, now);
      RC_ASSERT(std::abs(planner->plan(instance.scores, now).expectation - kept) <= 1e-12);
    }
  }));
}

/// Planners reuse work between requests; the results must not depend on it.
TEST_P(ExactProperty, PlansLikeAFreshPlanner) {
  EXPECT_TRUE(rc::check([&] {
    Instance instance = *instances(10);
    const auto cut_off = distribution(instance);
    const auto planner = make_test_planner("exact", instance, cut_off);
    for (int question = 0; question < 5; ++question) {
      const double kept = planner->plan(instance.scores, instance.start).expectation;
      const double fresh =
          make_test_planner("exact", instance, cut_off)->plan(instance.scores, instance.start).expectation;
      RC_ASSERT(std::abs(kept - fresh) <= 1e-12);
      const int exits = instance.exits();
      if (*rc::gen::arbitrary<bool>()) instance.scores[*rc::gen::inRange(0, exits)] = *rc::gen::inRange(0, 11) / 10.0;
      if (*rc::gen::arbitrary<bool>()) {
        instance.start = {*rc::gen::inRange(-1, exits), instance.horizon * *rc::gen::inRange(0, 12) / 10.0, 0.3,
                          *rc::gen::element(kNoDeadline, instance.horizon / 2)};
      }
    }
  }));
}

TEST_P(ExactProperty, IsInvariantToTheUnitOfTime) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *instances(12);
    const double factor = *rc::gen::element(1e-6, 0.125, 3.0, 1e6);
    Instance scaled = instance;
    for (auto* times : {&scaled.times.conv, &scaled.times.branch, &scaled.times.planning}) {
      for (double& time : *times) time *= factor;
    }
    scaled.horizon *= factor;
    scaled.start.elapsed *= factor;
    scaled.start.deadline *= factor;
    const auto cut_off = distribution(instance);
    const auto scaled_cut_off = distribution(scaled);
    const ExitPlan plan = make_test_planner("hybrid-2", instance, cut_off)->plan(instance.scores, instance.start).plan;
    const double value = expectation(instance.times, *cut_off, instance.scores, plan, instance.start);
    const double scaled_value = expectation(scaled.times, *scaled_cut_off, scaled.scores, plan, scaled.start);
    RC_ASSERT(std::abs(value - scaled_value) <= 1e-9);
  }));
}

INSTANTIATE_TEST_SUITE_P(Distributions, ExactProperty, testing::ValuesIn(distribution_kinds()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace einet::plan
