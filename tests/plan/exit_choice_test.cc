// The choice of exits compared with all sets of up to 12 exits, with limits, several devices and every distribution.

#include "plan/exit_choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "expect_error.h"
#include "plan/instance.h"

namespace einet::plan {
namespace {

const bool kConfigured = setenv("RC_PARAMS", "max_success=3000 max_size=100", 0) == 0;

ExitPlan set_of(unsigned bits, int exits) {
  ExitPlan set(exits);
  for (int exit = 0; exit < exits; ++exit) {
    if ((bits >> exit & 1) != 0) set.insert(exit);
  }
  return set;
}

/// The value of each set of exits: the best of all plans within it, on every device.
std::vector<double> values_of_all(const ExitCandidates& candidates) {
  const int exits = static_cast<int>(candidates.scores.size());
  std::vector<double> worth(std::size_t{1} << exits, 0.0);
  for (const ExitDevice& device : candidates.devices) {
    BlockTimes times = device.times;
    times.planning.clear();
    std::vector<double> best(worth.size(), 0.0);
    for (unsigned bits = 1; bits < best.size(); ++bits) {
      best[bits] = expectation(times, *device.distribution, candidates.scores, set_of(bits, exits));
      for (int exit = 0; exit < exits; ++exit) {
        if ((bits >> exit & 1) != 0) best[bits] = std::max(best[bits], best[bits ^ (1u << exit)]);
      }
      worth[bits] += best[bits] / static_cast<double>(candidates.devices.size());
    }
  }
  return worth;
}

class ExitChoiceProperty : public testing::TestWithParam<std::string> {};

TEST_P(ExitChoiceProperty, EqualsTryingAllSets) {
  EXPECT_TRUE(rc::check([&] {
    Instance instance = *instances(12);
    ExitCandidates candidates;
    candidates.scores = instance.scores;
    const int exits = instance.exits();
    const int devices = *rc::gen::inRange(1, 3);
    for (int i = 0; i < devices; ++i) {
      candidates.devices.push_back({instance.times, make_distribution(GetParam(), instance)});
      // Another device: the branch times in another order, another distribution.
      std::ranges::rotate(instance.times.branch, instance.times.branch.begin() + instance.times.branch.size() / 2);
      instance.horizon *= 0.75;
      instance.shape += 1;
    }
    if (*rc::gen::arbitrary<bool>()) candidates.max_exits = *rc::gen::inRange(1, exits + 1);
    if (*rc::gen::arbitrary<bool>()) {
      for (int exit = 0; exit < exits; ++exit) {
        candidates.conv_size.push_back(*rc::gen::inRange(0, 10));
        candidates.branch_size.push_back(*rc::gen::inRange(0, 10));
      }
      candidates.max_size = size_of(candidates, ExitPlan::all(exits)) * 0.1 * *rc::gen::inRange(1, 11);
    }
    candidates.keep_last = *rc::gen::arbitrary<bool>();
    const std::vector<double> worth = values_of_all(candidates);
    const auto within = [&](const ExitPlan& set) {
      if (candidates.keep_last && !set.contains(exits - 1)) return false;
      return set.count() <= candidates.max_exits && size_of(candidates, set) <= candidates.max_size;
    };
    double best = -1;
    for (unsigned bits = 1; bits < worth.size(); ++bits) {
      if (within(set_of(bits, exits))) best = std::max(best, worth[bits]);
    }
    if (best < 0) {
      const char* const why = candidates.keep_last ? "leave no room for the last exit" : "leave room for no exit";
      expect_error(ErrorKind::kUsage, why, [&] { choose_exits(candidates); });
      return;
    }
    const ChosenExits chosen = choose_exits(candidates);
    RC_ASSERT(std::abs(chosen.expectation - best) <= 1e-9);
    RC_ASSERT(chosen.upper_bound >= best - 1e-9);
    RC_ASSERT(chosen.upper_bound <= best + 1e-9);
    RC_ASSERT(within(chosen.exits));
    RC_ASSERT(!chosen.exits.empty());
    RC_ASSERT(std::abs(expectation_among(candidates, chosen.exits) - best) <= 1e-9);
    unsigned bits = 0;
    for (int exit = 0; exit < exits; ++exit) bits |= chosen.exits.contains(exit) ? 1u << exit : 0;
    for (int exit = 0; exit < exits; ++exit) {
      const double without = chosen.exits.contains(exit) ? worth[bits] - worth[bits & ~(1u << exit)] : 0.0;
      RC_ASSERT(std::abs(chosen.values[exit] - without) <= 1e-9);
    }
  }));
}

INSTANTIATE_TEST_SUITE_P(Distributions, ExitChoiceProperty, testing::ValuesIn(distribution_kinds()),
                         [](const auto& info) { return info.param; });

/// Three exits at times 1, 3 and 5 of 6 units.
ExitCandidates three() {
  ExitCandidates candidates;
  candidates.scores = {0.5, 0.64, 0.7};
  candidates.devices = {{{.conv = {0, 1, 1}, .branch = {1, 1, 1}, .planning = {}}, uniform_distribution(6)}};
  return candidates;
}

TEST(ExitChoice, ByHand) {
  // All: 0.5 (3 - 1) + 0.64 (5 - 3) + 0.7 (6 - 5); the first one alone 0.5 * 5, the second 0.64 * 4, the last 0.7 * 3.
  ExitCandidates candidates = three();
  const ChosenExits all = choose_exits(candidates);
  EXPECT_NEAR(all.expectation, (1.0 + 1.28 + 0.7) / 6, 1e-12);
  EXPECT_EQ(all.exits.count(), 3);
  candidates.max_exits = 1;
  const ChosenExits one = choose_exits(candidates);
  EXPECT_EQ(one.exits.next(-1), 1);
  EXPECT_NEAR(one.expectation, 2.56 / 6, 1e-12);
  EXPECT_NEAR(one.values[1], one.expectation, 1e-12);
  candidates.keep_last = true;  // 0.7 * 3 alone is less, but it must be kept.
  EXPECT_NEAR(choose_exits(candidates).expectation, 2.1 / 6, 1e-12);
  candidates.scores[2] = 0.0;
  candidates.max_exits = 3;
  const ChosenExits useless = choose_exits(candidates);
  EXPECT_TRUE(useless.exits.contains(2));
  EXPECT_EQ(useless.values[2], 0.0);
}

TEST(ExitChoice, KeepsNoExitThatIsTooLate) {
  ExitCandidates candidates = three();
  candidates.devices.front().distribution = deadline_distribution(2.5);
  const ChosenExits chosen = choose_exits(candidates);
  EXPECT_EQ(chosen.exits.count(), 1);
  EXPECT_TRUE(chosen.exits.contains(1));
}

TEST(ExitChoice, CountsTheTrunkUpToTheLastExit) {
  ExitCandidates candidates = three();
  candidates.conv_size = {1, 10, 100};
  candidates.branch_size = {2, 3, 4};
  ExitPlan second(3);
  second.insert(1);
  EXPECT_EQ(size_of(candidates, second), 14);
  candidates.max_size = 16;
  EXPECT_EQ(choose_exits(candidates).exits.count(), 2);
  candidates.max_size = 2;
  expect_error(ErrorKind::kUsage, "leave room for no exit", [&] { choose_exits(candidates); });
  candidates.max_size = 3;
  EXPECT_EQ(choose_exits(candidates).exits.next(-1), 0);
}

TEST(ExitChoice, ReportsAnUpperBoundWhenUnproven) {
  ExitCandidates candidates = three();
  candidates.max_exits = 1;
  candidates.max_nodes = 1;
  const ChosenExits chosen = choose_exits(candidates);
  EXPECT_FALSE(chosen.exits.empty());
  EXPECT_GE(chosen.upper_bound, chosen.expectation);
}

TEST(ExitChoice, RejectsInconsistentInput) {
  ExitCandidates candidates = three();
  candidates.branch_size = {1};
  expect_error(ErrorKind::kInvalidData, "one size per branch", [&] { choose_exits(candidates); });
  candidates = three();
  candidates.devices.clear();
  expect_error(ErrorKind::kInvalidData, "one device", [&] { choose_exits(candidates); });
}

}  // namespace
}  // namespace einet::plan
