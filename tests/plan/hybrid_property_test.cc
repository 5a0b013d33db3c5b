// The hybrid planners against the paper's Algorithm 2, written down step by step with expectation() alone.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "plan/instance.h"

namespace einet::plan {
namespace {

constexpr double kTie = 1e-9;

/// Algorithm 2. `tied` is set if a choice depends on a difference as small as rounding errors: the search may then take
/// another way.
class Algorithm2 {
 public:
  Algorithm2(const Instance& instance, const ExitTimeDistribution& distribution)
      : instance_(instance), distribution_(distribution) {}

  double value(int outputs, bool until_all) {
    const int first = instance_.start.exit + 1;
    const int after = instance_.exits() - first;
    ExitPlan best(instance_.exits());
    double best_value = worth(best);
    for (std::uint32_t set = 1; set < 1u << after; ++set) {
      if (std::popcount(set) > outputs) continue;
      ExitPlan plan(instance_.exits());
      for (int i = 0; i < after; ++i) {
        if (set >> i & 1) plan.insert(first + i);
      }
      const double worth_of_plan = worth(plan);
      tied |= std::abs(worth_of_plan - best_value) < kTie;
      if (worth_of_plan > best_value) {
        best = plan;
        best_value = worth_of_plan;
      }
    }
    return grow(best, best_value, until_all);
  }

  bool tied = false;

 private:
  double worth(const ExitPlan& plan) const {
    return expectation(instance_.times, distribution_, instance_.scores, plan, instance_.start);
  }

  double grow(ExitPlan plan, double best_value, bool until_all) {
    while (true) {
      int added = -1;
      double most = -1.0;
      for (int exit = instance_.start.exit + 1; exit < instance_.exits(); ++exit) {
        if (plan.contains(exit)) continue;
        ExitPlan larger = plan;
        larger.insert(exit);
        const double value = worth(larger);
        tied |= added >= 0 && std::abs(value - most) < kTie;
        if (added < 0 || value > most) {
          added = exit;
          most = value;
        }
      }
      if (added < 0) return best_value;
      tied |= std::abs(most - best_value) < kTie;
      if (!until_all && most <= best_value) return best_value;
      plan.insert(added);
      best_value = std::max(best_value, most);
    }
  }

  const Instance& instance_;
  const ExitTimeDistribution& distribution_;
};

class HybridProperty : public testing::TestWithParam<std::string> {};

TEST_P(HybridProperty, FollowsAlgorithm2) {
  EXPECT_TRUE(rc::check([&] {
    const Instance instance = *instances(8);
    const auto cut_off = make_distribution(GetParam(), instance);
    const int outputs = *rc::gen::inRange(1, 4);
    const auto found = [&](const std::string& planner) {
      return make_test_planner(planner + "-" + std::to_string(outputs), instance, cut_off)
          ->plan(instance.scores, instance.start)
          .expectation;
    };
    Algorithm2 whole(instance, *cut_off), shortened(instance, *cut_off);
    const double all = whole.value(outputs, true);
    const double until_worse = shortened.value(outputs, false);
    if (!whole.tied) RC_ASSERT(std::abs(found("hybrid-all") - all) <= 1e-12);
    if (!shortened.tied) RC_ASSERT(std::abs(found("hybrid") - until_worse) <= 1e-12);
    RC_ASSERT(found("hybrid-all") >= found("hybrid") - 1e-12);
  }));
}

INSTANTIATE_TEST_SUITE_P(Distributions, HybridProperty, testing::ValuesIn(distribution_kinds()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace einet::plan
