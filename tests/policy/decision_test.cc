// Decision tables: the lookup, the policy that follows one, and the fit against brute force.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "einet/distribution.h"
#include "einet/error.h"
#include "einet/planner.h"
#include "plan/decision_table.h"
#include "policy/cell_score.h"
#include "policy/decision_fit.h"
#include "policy/decisions.h"
#include "policy/simulate.h"
#include "random_profile.h"

namespace einet::policy {
namespace {

using plan::Agreement;
using plan::DecisionTable;

plan::ExitPlan plan_of(int exits, std::initializer_list<int> chosen) {
  plan::ExitPlan plan(exits);
  for (const int exit : chosen) plan.insert(exit);
  return plan;
}

/// Three exits. After exit 1: below 0.5 exit 2, else exit 3. After exit 2: none if it agrees, else exit 3.
DecisionTable example() {
  DecisionTable table = DecisionTable::of(plan_of(3, {0, 2}));
  table.rows[0] = {.edges = {0.5f}, .next = {1, 2, 1, 2, 1, 2}};
  table.rows[1] = {.edges = {}, .next = {2, 2, 3}};
  return table;
}

TEST(DecisionTable, LooksUpBucketAndAgreement) {
  const DecisionTable table = example();
  table.validate("example");
  EXPECT_EQ(table.next(0, Agreement::kFirst, 0.49f), 1);
  EXPECT_EQ(table.next(0, Agreement::kFirst, 0.5f), 2);
  EXPECT_EQ(table.next(0, Agreement::kFirst, std::numeric_limits<float>::quiet_NaN()), 1);
  EXPECT_EQ(table.next(1, Agreement::kDiffers, 0.9f), 2);
  EXPECT_EQ(table.next(1, Agreement::kAgrees, 0.9f), 3);
  EXPECT_EQ(table.next(2, Agreement::kAgrees, 0.9f), 3);
}

TEST(DecisionTable, MadeFromAPlanFollowsIt) {
  const DecisionTable table = DecisionTable::of(plan_of(4, {1, 3}));
  table.validate("plan");
  EXPECT_FALSE(table.deviates());
  EXPECT_EQ(table.next(0, Agreement::kFirst, 0.1f), 1);
  EXPECT_EQ(table.next(1, Agreement::kAgrees, 0.9f), 3);
  EXPECT_EQ(table.next(3, Agreement::kAgrees, 0.9f), 4);
  EXPECT_TRUE(example().deviates());
}

TEST(DecisionTable, InvalidTablesAreRejected) {
  const auto broken = [](auto&& change) {
    DecisionTable table = example();
    change(table);
    EXPECT_THROW(table.validate("table"), Error);
    EXPECT_THROW(
        decision_policy(std::make_shared<const DecisionTable>(table), 1.0, fixed_policy(plan::ExitPlan::all(3))),
        Error);
  };
  broken([](DecisionTable& t) { t.rows.clear(); });
  broken([](DecisionTable& t) { t.rows.pop_back(); });
  broken([](DecisionTable& t) { t.rows[0].edges = {std::nanf("")}; });
  broken([](DecisionTable& t) { t.rows[0].edges = {0.5f, 0.4f}; });
  broken([](DecisionTable& t) { t.rows[0].next.pop_back(); });
  broken([](DecisionTable& t) { t.rows[1].next[0] = 1; });
  broken([](DecisionTable& t) { t.rows[1].next[0] = 4; });
}

TEST(DecisionPolicy, FollowsTheTableAndThenThePopulation) {
  const auto policy =
      decision_policy(std::make_shared<const DecisionTable>(example()), 1.0, fixed_policy(plan_of(3, {1})));
  for (int run = 0; run < 2; ++run) {  // The second run starts from scratch.
    EXPECT_EQ(policy->begin(), plan_of(3, {0, 2}));
    EXPECT_EQ(policy->after({.exit = 0, .label = 4, .confidence = 0.3f}), plan_of(3, {1, 2}));
    EXPECT_EQ(policy->after({.exit = 1, .label = 5, .confidence = 0.3f}), plan_of(3, {2}));
    EXPECT_EQ(policy->begin(), plan_of(3, {0, 2}));
    policy->after({.exit = 0, .label = 4, .confidence = 0.3f});
    EXPECT_TRUE(policy->after({.exit = 1, .label = 4, .confidence = 0.3f}).empty());
  }
  EXPECT_FALSE(policy->replans());
  EXPECT_EQ(policy->planning_seconds(0), 0.0);
}

TEST(DecisionPolicy, UsesTheFallbackForEarlierDeadlines) {
  const auto policy =
      decision_policy(std::make_shared<const DecisionTable>(example()), 1.0, fixed_policy(plan_of(3, {1})));
  EXPECT_EQ(policy->begin(0.5), plan_of(3, {1}));
  EXPECT_EQ(policy->after({.exit = 0, .label = 4, .confidence = 0.3f}), plan_of(3, {1}));
  EXPECT_EQ(policy->begin(1.0), plan_of(3, {0, 2}));
}

/// Exit 0 is processed last and nothing precedes it, so each of its cells can be checked by trying all alternatives.
TEST(DecisionFit, FirstDecisionsAreTheBestOfAllAlternatives) {
  int deviating = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const int exits = 2 + static_cast<int>(seed % 5);
    const profile::CsProfile profile = testing::random_profile(exits, 300, seed);
    const plan::BlockTimes times = testing::random_times(exits, seed);
    const auto distribution = seed % 2 == 0 ? plan::uniform_distribution(times.total())
                                            : plan::gaussian_distribution(0.5, 0.5, times.total());
    DecisionTable table = fit_decisions(profile, times, distribution, {.buckets = 3, .standard_errors = 0.0});
    table.validate("fitted");
    deviating += table.deviates() ? 1 : 0;
    if (!table.population.contains(0)) continue;
    for (std::size_t cell = 0; cell < 3; ++cell) {
      const double chosen = cell_score(table, cell, table.rows[0].next[cell], profile, times, *distribution);
      for (int next = 1; next <= exits; ++next) {
        EXPECT_GE(chosen, cell_score(table, cell, next, profile, times, *distribution) - 1e-9)
            << "seed " << seed << " cell " << cell << " next " << next;
      }
    }
  }
  EXPECT_GT(deviating, 20);
}

/// Exit 3 is right exactly when exit 1 is unconfident: a table can express this rule, a plan cannot.
TEST(DecisionFit, FindsARuleThatNoPlanHas) {
  profile::CsProfile profile;
  profile.exits = 3;
  for (int sample = 0; sample < 2000; ++sample) {
    const bool easy = sample % 4 < 2;  // Equally many of each in both halves of the samples.
    profile.labels.push_back(1);
    // Easy: exit 1 is right and confident, exits 2 and 3 are wrong. Hard: only exit 3 is right.
    for (const int predicted : easy ? std::vector{1, 2, 2} : std::vector{2, 2, 1})
      profile.predicted.push_back(predicted);
    for (const float confidence : {easy ? 0.9f : 0.4f, 0.5f, 0.6f}) profile.confidence.push_back(confidence);
  }
  const plan::BlockTimes times{.conv = {1, 1, 1}, .branch = {0.1, 0.1, 0.1}, .planning = {}};
  const auto distribution = plan::uniform_distribution(10.0);
  const DecisionFit fit = checked_decisions(profile, times, distribution);
  EXPECT_TRUE(fit.table.deviates());
  EXPECT_EQ(fit.table.next(0, Agreement::kFirst, 0.9f), 3);  // Stop.
  EXPECT_EQ(fit.table.next(0, Agreement::kFirst, 0.4f), 2);
  // Easy: right from 1.1 on. Hard: right from 3.2 on. A plan ends with either the easy or the hard samples right:
  // exits 1 and 3 score ((3.2 - 1.1) / 10 + (10 - 3.2) / 10) / 2 = 0.445, exit 1 alone (10 - 1.1) / 10 / 2 = 0.445.
  EXPECT_NEAR(fit.gain.mean, (0.89 + 0.68) / 2 - 0.445, 1e-6);
}

/// Two exits, right independently of each other and of the confidence.
TEST(DecisionFit, WithoutInformationFollowsTheBestPlan) {
  profile::CsProfile profile;
  profile.exits = 2;
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> unit;
  for (int sample = 0; sample < 4000; ++sample) {
    profile.labels.push_back(0);
    for (const double accuracy : {0.5, 0.7}) {
      profile.predicted.push_back(unit(random) < accuracy ? 0 : 1);
      profile.confidence.push_back(static_cast<float>(unit(random)));
    }
  }
  const plan::BlockTimes times{.conv = {1, 1}, .branch = {0.1, 0.1}, .planning = {}};
  const auto distribution = plan::uniform_distribution(4.0);
  const DecisionFit fit = checked_decisions(profile, times, distribution);
  EXPECT_FALSE(fit.table.deviates());
  EXPECT_LT(std::abs(fit.gain.mean), 0.01);
  EXPECT_EQ(fit.table.population, plan::make_planner("exact", times, distribution)->plan(profile.accuracies()).plan);
}

/// Pairs of exits with equal answers, the second without additional cost: exact ties except for rounding.
TEST(DecisionFit, DoesNotDependOnRounding) {
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const profile::CsProfile single = testing::random_profile(4, 300, seed);
    const profile::CsProfile profile = single.columns(std::vector{0, 0, 1, 1, 2, 2, 3, 3});
    const plan::BlockTimes one = testing::random_times(4, seed);
    plan::BlockTimes times;
    for (int exit = 0; exit < 4; ++exit) {
      times.conv.insert(times.conv.end(), {one.conv[exit], 0.0});
      times.branch.insert(times.branch.end(), {one.branch[exit], one.branch[exit]});
    }
    const DecisionTable table = fit_decisions(profile, times, plan::uniform_distribution(times.total()));
    for (const double unit : {1.0 / 3, 1e-5 / 7}) {
      plan::BlockTimes scaled = times;
      for (double& time : scaled.conv) time *= unit;
      for (double& time : scaled.branch) time *= unit;
      const DecisionTable other = fit_decisions(profile, scaled, plan::uniform_distribution(scaled.total()));
      if (other.population != table.population) continue;
      EXPECT_EQ(other, table) << "seed " << seed;
      ++compared;
    }
  }
  EXPECT_GT(compared, 60);
}

TEST(DecisionFit, IsDeterministicAndChecksItsInput) {
  const profile::CsProfile profile = testing::random_profile(5, 400, 3);
  const plan::BlockTimes times = testing::random_times(5, 3);
  const auto distribution = plan::uniform_distribution(times.total());
  EXPECT_EQ(fit_decisions(profile, times, distribution), fit_decisions(profile, times, distribution));
  EXPECT_THROW(fit_decisions(profile, testing::random_times(4, 3), distribution), Error);
  EXPECT_THROW(fit_decisions(profile.rows({}), times, distribution), Error);
  profile::CsProfile damaged = profile;
  damaged.confidence[3] = std::nanf("");
  EXPECT_THROW(fit_decisions(damaged, times, distribution), Error);
  const DecisionFit few = checked_decisions(testing::random_profile(5, 199, 3), times, distribution);
  EXPECT_FALSE(few.table.deviates());
  EXPECT_EQ(few.gain.mean, 0.0);
}

}  // namespace
}  // namespace einet::policy
