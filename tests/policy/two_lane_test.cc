// Runs with two lanes: the simulation against an event-by-event run, and decision tables against brute force.

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "einet/distribution.h"
#include "einet/planner.h"
#include "policy/cell_score.h"
#include "policy/decision_fit.h"
#include "policy/decisions.h"
#include "policy/elastic.h"
#include "policy/estimate.h"
#include "policy/random_profile.h"
#include "policy/simulate.h"
#include "predict/mean_predictor.h"

namespace einet::policy {
namespace {

using testing::random_profile;

/// One-lane times, and two-lane times with contention in which the branch lane sometimes falls behind.
plan::BlockTimes random_two_lane_times(int exits, std::uint64_t seed) {
  plan::BlockTimes times = testing::random_times(exits, seed);
  std::mt19937_64 random(seed + 1000);
  std::uniform_real_distribution<double> uniform(0.1, 1.0);
  const double slow = seed % 3 == 0 ? 3.0 : 0.7, contention = seed % 2 == 0 ? 0.0 : 0.6;
  for (int exit = 0; exit < exits; ++exit) {
    times.lane.conv.push_back(uniform(random));
    times.lane.busy.push_back(times.lane.conv.back() * (1.0 + contention * uniform(random)));
    times.lane.branch.push_back(slow * uniform(random));
  }
  return times;
}

/// Plans at random, depending on everything that a policy is given, and records it.
class RecordingPolicy final : public Policy {
 public:
  RecordingPolicy(int exits, double planning) : exits_(exits), planning_(planning) {}
  const plan::ExitPlan& begin(double) noexcept override {
    outputs.clear();
    return draw(17);
  }
  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    outputs.push_back(output);
    return draw(static_cast<unsigned>(output.exit * 1009 + output.confidence * 4093 + output.ahead.exit * 131 +
                                      output.ahead.pending.count()));
  }
  double planning_seconds(int exit) const noexcept override { return planning_ * (1 + exit % 3); }

  std::vector<BranchOutput> outputs;

 private:
  const plan::ExitPlan& draw(unsigned seed) noexcept {
    std::minstd_rand random(seed + 1);
    plan_ = plan::ExitPlan(exits_);
    if (random() % 7 == 0) return plan_;  // Nothing more, until another answer changes that.
    for (int exit = 0; exit < exits_; ++exit) {
      if (random() % 3 != 0) plan_.insert(exit);
    }
    return plan_;
  }
  int exits_;
  double planning_;
  plan::ExitPlan plan_;
};

struct Output {
  int exit;
  double time;
};

/// The oracle: both lanes advance to the next event, the end of a conv part, a branch or a plan.
std::vector<Output> run_by_events(Policy& policy, const profile::CsProfile& profile, int sample,
                                  const plan::BlockTimes& times) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const int exits = times.exits();
  std::vector<Output> outputs;
  plan::ExitPlan plan = policy.begin(), next_plan = plan;
  std::vector<int> queue;
  std::vector<double> passed;  // By exit.
  int branch = -1;
  bool planning = false, trunk_runs = false;
  double now = 0.0, left = 1.0, until = kNever;
  for (;;) {
    const int part = static_cast<int>(passed.size());
    trunk_runs = trunk_runs || (part < exits && plan.next(part - 1) < exits);  // A part that has begun is completed.
    if (branch < 0 && !queue.empty()) {
      branch = queue.front();
      queue.erase(queue.begin());
      planning = false;
      until = now + times.lane.branch[branch];
    }
    if (branch < 0 && !trunk_runs) return outputs;
    const double speed = trunk_runs ? (branch >= 0 ? times.lane.busy[part] : times.lane.conv[part]) : kNever;
    const double trunk_ends = trunk_runs ? now + left * speed : kNever;
    if (branch < 0 || trunk_ends < until) {
      now = trunk_ends;
      left = 1.0;
      trunk_runs = false;
      passed.push_back(now);
      if (plan.contains(part)) queue.push_back(part);
      continue;
    }
    if (trunk_runs) left -= (until - now) / speed;
    now = until;
    if (!planning) {
      outputs.push_back({branch, now});
      planning = true;
      if (branch + 1 == exits) {
        branch = -1;
        continue;
      }
      BranchOutput output{.exit = branch,
                          .label = profile.predicted_at(sample, branch),
                          .confidence = profile.confidence_at(sample, branch),
                          .elapsed = now,
                          .ahead = {}};
      output.ahead.exit = static_cast<int>(passed.size()) - 1;
      const bool waits = plan.next(output.ahead.exit) == exits;
      output.ahead.elapsed = waits ? now + policy.planning_seconds(branch) : passed.back();
      output.ahead.pending = plan::ExitPlan(exits);
      for (const int waiting : queue) output.ahead.pending.insert(waiting);
      next_plan = policy.after(output);
      until = now + policy.planning_seconds(branch);
      // Otherwise the plan is in force at once, even if the trunk reaches an exit at this very moment.
      if (until > now) continue;
    }
    plan = next_plan;
    branch = -1;
  }
}

TEST(TwoLaneSimulation, EqualsARunEventByEvent) {
  int waiting = 0, behind = 0, runs = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const int exits = 1 + static_cast<int>(seed % 12);
    const profile::CsProfile profile = random_profile(exits, 10, seed);
    const plan::BlockTimes times = random_two_lane_times(exits, seed);
    RecordingPolicy simulated(exits, seed % 5 == 0 ? 0.05 : 0.0), expected = simulated;
    Simulation simulation(simulated, Publish::kLatest, profile, times);
    for (int sample = 0; sample < profile.samples(); ++sample) {
      const auto shown = simulation.run(sample);
      const std::vector<Output> outputs = run_by_events(expected, profile, sample, times);
      ASSERT_EQ(shown.size(), outputs.size()) << "seed " << seed << " sample " << sample;
      for (std::size_t k = 0; k < outputs.size(); ++k) {
        ASSERT_EQ(shown[k].exit, outputs[k].exit) << "seed " << seed << " sample " << sample;
        ASSERT_NEAR(shown[k].time, outputs[k].time, 1e-9) << "seed " << seed << " sample " << sample;
        if (k > 0) {
          ASSERT_GT(shown[k].exit, shown[k - 1].exit) << "answers come in the order of the exits";
        }
      }
      ASSERT_EQ(simulated.outputs.size(), expected.outputs.size());
      for (std::size_t k = 0; k < expected.outputs.size(); ++k) {
        const plan::Ahead &a = simulated.outputs[k].ahead, &b = expected.outputs[k].ahead;
        ASSERT_EQ(a.exit, b.exit) << "seed " << seed << " sample " << sample << " output " << k;
        ASSERT_EQ(a.pending, b.pending) << "seed " << seed << " sample " << sample << " output " << k;
        waiting += a.elapsed >= simulated.outputs[k].elapsed;
        behind += !a.pending.empty();
        ++runs;
      }
    }
  }
  // Otherwise the comparison covers little.
  EXPECT_GT(waiting, runs / 50);
  EXPECT_GT(behind, runs / 20);
}

/// For a fixed plan, the mean score is the accuracy expectation.
TEST(TwoLaneSimulation, AgreesWithTheAccuracyExpectation) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const int exits = 1 + static_cast<int>(seed % 8);
    const profile::CsProfile profile = random_profile(exits, 50, seed);
    const plan::BlockTimes times = random_two_lane_times(exits, seed);
    const auto distribution = seed % 2 == 0 ? plan::uniform_distribution(times.total())
                                            : plan::gaussian_distribution(0.5, 0.5, times.total());
    const auto planned = plan::make_planner("exact", times, distribution)->plan(profile.accuracies());
    const std::vector<double> scores =
        simulate(*fixed_policy(planned.plan), Publish::kLatest, profile, times, *distribution);
    EXPECT_NEAR(estimate(scores).mean, planned.expectation, 1e-12) << seed;
  }
}

TEST(TwoLaneSimulation, AnElasticRunAnswersAndPlansOnlyForWhatTheTrunkHasNotPassed) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const int exits = 2 + static_cast<int>(seed % 8);
    const profile::CsProfile profile = random_profile(exits, 20, seed);
    plan::BlockTimes times = random_two_lane_times(exits, seed);
    times.planning.assign(exits, 0.02);
    auto beliefs = std::make_shared<predict::BeliefParameters>();
    beliefs->prior = profile.accuracies();
    beliefs->shrinkage = 1.0;
    beliefs->seen.resize(exits);
    beliefs->predicted.resize(exits);
    const auto distribution = plan::uniform_distribution(times.total());
    const std::shared_ptr<const predict::Predictor> predictor = predict::mean_predictor(beliefs->prior);
    const auto policy = elastic_policies(beliefs, predictor, times, distribution)();
    Simulation simulation(*policy, Publish::kLatest, profile, times);
    for (int sample = 0; sample < profile.samples(); ++sample) {
      const auto shown = simulation.run(sample);
      ASSERT_FALSE(shown.empty());
      const std::vector<Output> outputs = run_by_events(*policy, profile, sample, times);
      ASSERT_EQ(outputs.size(), shown.size());
    }
  }
}

TEST(TwoLaneDecisionFit, FirstDecisionsAreTheBestOfAllAlternatives) {
  int deviating = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const int exits = 2 + static_cast<int>(seed % 5);
    const profile::CsProfile profile = random_profile(exits, 300, seed);
    const plan::BlockTimes times = random_two_lane_times(exits, seed);
    const auto distribution = plan::uniform_distribution(times.total());
    const plan::DecisionTable table =
        fit_decisions(profile, times, distribution, {.buckets = 3, .standard_errors = 0.0});
    table.validate("fitted");
    deviating += table.deviates() ? 1 : 0;
    if (!table.population.contains(0)) continue;
    for (std::size_t cell = 0; cell < 3; ++cell) {
      const double chosen = cell_score(table, cell, table.rows[0].next[cell], profile, times, *distribution);
      for (int next = 1; next <= exits; ++next) {
        EXPECT_GE(chosen, cell_score(table, cell, next, profile, times, *distribution) - 1e-6)
            << "seed " << seed << " cell " << cell << " next " << next;
      }
    }
  }
  EXPECT_GT(deviating, 10);
}

}  // namespace
}  // namespace einet::policy
