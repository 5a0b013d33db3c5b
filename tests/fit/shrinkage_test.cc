#include "fit/shrinkage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "einet/error.h"
#include "eval/report.h"
#include "policy/random_profile.h"
#include "runtime/small_bundle.h"

namespace einet::fit {
namespace {

constexpr int kExits = 4;

/// A predictor whose every output is the first exit's confidence.
graph::Graph first_exit_predictor() {
  graph::Graph graph = testing::small_predictor(kExits);
  std::vector<float> weight(kExits * kExits, 0.0f);
  for (int exit = 0; exit < kExits; ++exit) weight[exit] = 1.0f;  // row 0: from the first exit to all
  graph.initializers["weight"] = graph::Tensor({kExits, kExits}, weight);
  graph.initializers["bias"] = graph::Tensor({kExits}, std::vector<float>(kExits, 0.0f));
  return graph;
}

bundle::Bundle bundle_of(profile::CsProfile profile) {
  bundle::Bundle bundle;
  bundle.name = "b";
  bundle.graph = testing::small_network(kExits);
  bundle.confidences = std::move(profile);
  return bundle;
}

/// Of two kinds: on one every exit is right, on the other none but the first, which is unsure of it. The first exit's
/// confidence tells which: re-planning wins much.
profile::CsProfile telling_profile(int samples) {
  std::mt19937_64 random(1);
  profile::CsProfile profile;
  profile.exits = kExits;
  for (int sample = 0; sample < samples; ++sample) {
    const bool easy = random() % 2 == 0;
    profile.labels.push_back(1);
    for (int exit = 0; exit < kExits; ++exit) {
      const bool right = easy ? exit > 0 : exit == 0;
      profile.predicted.push_back(right ? 1 : 2);
      profile.confidence.push_back(easy ? 0.9f : 0.3f);
    }
  }
  return profile;
}

/// Every exit is right half of the time, whatever the confidences say: there is nothing to learn.
profile::CsProfile noise_profile(int samples, std::uint64_t seed) {
  profile::CsProfile profile = testing::random_profile(kExits, samples, seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<float> uniform(0.1f, 1.0f);
  for (float& confidence : profile.confidence) confidence = uniform(random);
  return profile;
}

const plan::BlockTimes kTimes{
    .conv = {1, 1, 1, 1}, .branch = {0.4, 0.4, 0.4, 0.4}, .planning = {0.01, 0.01, 0.01, 0.01}};

TEST(FitBundle, BelievesAPredictorThatKnows) {
  bundle::Bundle bundle = bundle_of(telling_profile(400));
  int trained = 0;
  const auto reports = fit_bundle(
      bundle,
      [&](const profile::CsProfile& samples) {
        ++trained;
        EXPECT_GE(samples.samples(), 100);
        return first_exit_predictor();
      },
      kTimes);
  EXPECT_EQ(trained, 7);
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(reports[0].name, "fold 0");
  EXPECT_EQ(reports[0].samples, 200);
  EXPECT_EQ(reports[2].name, "all");
  EXPECT_EQ(reports[2].samples, 400);
  for (const FitReport& report : reports) {
    EXPECT_GT(report.shrinkage, 0.0) << report.name;
    ASSERT_EQ(report.trials.size(), 11u);
    EXPECT_EQ(report.trials[0].shrinkage, 0.0);
    EXPECT_EQ(report.trials[0].gain.mean, 0.0);
    EXPECT_LT(report.predictor_error, report.mean_error);
  }
  ASSERT_TRUE(bundle.fit && bundle.folds[0] && bundle.folds[1]);
  EXPECT_EQ(bundle.fit->beliefs.shrinkage, reports[2].shrinkage);
  EXPECT_EQ(bundle.folds[1]->beliefs.shrinkage, reports[1].shrinkage);
  // What was chosen on one half holds on the other.
  const eval::Report report = eval::evaluate(bundle, kTimes);
  EXPECT_GT(report.methods.front().over_static_optimal.mean, 0.02);
}

TEST(FitBundle, DoesNotLeaveThePopulationsPlanForNothing) {
  // One standard error is exceeded by chance now and then; most fits on noise must stay at 0 and none may lose much.
  int believed = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    bundle::Bundle bundle = bundle_of(noise_profile(400, seed));
    const auto reports = fit_bundle(
        bundle, [](const profile::CsProfile&) { return first_exit_predictor(); }, kTimes);
    for (const FitReport& report : reports) {
      believed += report.shrinkage > 0;
      for (const ShrinkageTrial& trial : report.trials) {
        if (report.shrinkage == 0) {
          EXPECT_LE(trial.gain.mean, trial.gain.standard_error);
        }
      }
    }
    const policy::Estimate gain = eval::evaluate(bundle, kTimes).methods.front().over_static_optimal;
    EXPECT_GT(gain.mean, -4 * gain.standard_error - 1e-12);
  }
  EXPECT_LE(believed, 9);  // of 18
}

TEST(FitBundle, PlanningIsPaidFor) {
  plan::BlockTimes dear = kTimes;
  dear.planning.assign(kExits, 20.0);  // after re-planning once the horizon is over
  bundle::Bundle bundle = bundle_of(telling_profile(400));
  const auto reports = fit_bundle(
      bundle, [](const profile::CsProfile&) { return first_exit_predictor(); }, dear);
  for (const FitReport& report : reports) EXPECT_EQ(report.shrinkage, 0.0);
}

TEST(FitBundle, TrainsOnlyOnItsOwnHalf) {
  // The truth of a sample carries its half.
  profile::CsProfile profile = telling_profile(64);
  for (int sample = 0; sample < 64; ++sample) profile.labels[sample] = sample % 2;
  bundle::Bundle bundle = bundle_of(profile);
  std::vector<std::pair<int, int>> seen;  // how many samples of either half each training saw
  fit_bundle(
      bundle,
      [&](const profile::CsProfile& samples) {
        const auto odd = std::count(samples.labels.begin(), samples.labels.end(), 1);
        seen.emplace_back(samples.samples() - odd, odd);
        return first_exit_predictor();
      },
      kTimes);
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, (std::vector<std::pair<int, int>>{{0, 16}, {0, 16}, {0, 32}, {16, 0}, {16, 0}, {32, 0}, {32, 32}}));
}

TEST(FitBundle, RefusesWhatCannotBeFitted) {
  const PredictorTrainer trainer = [](const profile::CsProfile&) { return first_exit_predictor(); };
  bundle::Bundle nothing = bundle_of(telling_profile(16));
  nothing.confidences.reset();
  EXPECT_THROW(fit_bundle(nothing, trainer, kTimes), Error);
  bundle::Bundle few = bundle_of(telling_profile(7));
  EXPECT_THROW(fit_bundle(few, trainer, kTimes), Error);
  bundle::Bundle bundle = bundle_of(telling_profile(16));
  EXPECT_THROW(fit_bundle(
                   bundle, [](const profile::CsProfile&) { return testing::small_predictor(7); }, kTimes),
               Error);
  FitOptions options;
  options.shrinkages = {1.5};
  EXPECT_THROW(fit_bundle(bundle, trainer, kTimes, options), Error);
  EXPECT_FALSE(bundle.fit);  // nothing half-fitted
}

}  // namespace
}  // namespace einet::fit
