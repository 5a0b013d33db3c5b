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

/// A predictor that outputs the confidence of the first exit for all exits.
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

/// Two kinds of samples: on one, all exits except the first are right; on the other, only the first. The confidence of
/// the first exit determines the kind, so re-planning has a large gain.
profile::CsProfile predictable_profile(int samples) {
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

/// Every exit is right half of the time, independent of the confidences: re-planning cannot have a gain.
profile::CsProfile noise_profile(int samples, std::uint64_t seed) {
  profile::CsProfile profile = testing::random_profile(kExits, samples, seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<float> uniform(0.1f, 1.0f);
  for (float& confidence : profile.confidence) confidence = uniform(random);
  return profile;
}

const plan::BlockTimes kTimes{
    .conv = {1, 1, 1, 1}, .branch = {0.4, 0.4, 0.4, 0.4}, .planning = {0.01, 0.01, 0.01, 0.01}};

TEST(FitBundle, UsesAnAccuratePredictor) {
  bundle::Bundle bundle = bundle_of(predictable_profile(400));
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
  // The choice made on one half also has a gain on the other.
  const eval::Report report = eval::evaluate(bundle, kTimes);
  EXPECT_GT(report.methods.front().over_static_optimal.mean, 0.02);
}

TEST(FitBundle, KeepsThePopulationsPlanOnNoise) {
  // Chance sometimes exceeds one standard error; most fits on noise must choose 0 and none may lose much.
  int positive = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    bundle::Bundle bundle = bundle_of(noise_profile(400, seed));
    const auto reports = fit_bundle(
        bundle, [](const profile::CsProfile&) { return first_exit_predictor(); }, kTimes);
    for (const FitReport& report : reports) {
      positive += report.shrinkage > 0;
      for (const ShrinkageTrial& trial : report.trials) {
        if (report.shrinkage == 0) {
          EXPECT_LE(trial.gain.mean, trial.gain.standard_error);
        }
      }
    }
    const policy::Estimate gain = eval::evaluate(bundle, kTimes).methods.front().over_static_optimal;
    EXPECT_GT(gain.mean, -4 * gain.standard_error - 1e-12);
  }
  EXPECT_LE(positive, 9);  // of 18
}

TEST(FitBundle, ChargesForPlanning) {
  plan::BlockTimes costly = kTimes;
  costly.planning.assign(kExits, 20.0);  // A single re-plan takes longer than the horizon.
  bundle::Bundle bundle = bundle_of(predictable_profile(400));
  const auto reports = fit_bundle(
      bundle, [](const profile::CsProfile&) { return first_exit_predictor(); }, costly);
  for (const FitReport& report : reports) EXPECT_EQ(report.shrinkage, 0.0);
}

TEST(FitBundle, TrainsOnlyOnItsOwnHalf) {
  // The label of a sample encodes its half.
  profile::CsProfile profile = predictable_profile(64);
  for (int sample = 0; sample < 64; ++sample) profile.labels[sample] = sample % 2;
  bundle::Bundle bundle = bundle_of(profile);
  std::vector<std::pair<int, int>> seen;  // The number of samples of each half in each training.
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

TEST(FitBundle, RejectsInvalidInput) {
  const PredictorTrainer trainer = [](const profile::CsProfile&) { return first_exit_predictor(); };
  bundle::Bundle nothing = bundle_of(predictable_profile(16));
  nothing.confidences.reset();
  EXPECT_THROW(fit_bundle(nothing, trainer, kTimes), Error);
  bundle::Bundle few = bundle_of(predictable_profile(7));
  EXPECT_THROW(fit_bundle(few, trainer, kTimes), Error);
  bundle::Bundle bundle = bundle_of(predictable_profile(16));
  EXPECT_THROW(fit_bundle(
                   bundle, [](const profile::CsProfile&) { return testing::small_predictor(7); }, kTimes),
               Error);
  FitOptions options;
  options.shrinkages = {1.5};
  EXPECT_THROW(fit_bundle(bundle, trainer, kTimes, options), Error);
  EXPECT_FALSE(bundle.fit);  // Nothing is stored after a failure.
}

}  // namespace
}  // namespace einet::fit
