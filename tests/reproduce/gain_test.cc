#include "reproduce/analysis/gain.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <random>
#include <string_view>

#include "bundle/bundle.h"
#include "einet/distribution.h"
#include "eval/method.h"
#include "eval/simulate.h"
#include "expect_error.h"

namespace einet::reproduce {
namespace {

const plan::BlockTimes kTimes{{1, 1, 1, 1}, {0.5, 0.5, 0.5, 0.5}, {}};

/// 400 samples, four exits. `sure`: an exit is certain (1) where it is right and 0 where it is wrong; otherwise all
/// confidences are 0.9.
profile::CsProfile example(bool sure) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> unit;
  profile::CsProfile profile;
  profile.exits = 4;
  for (int i = 0; i < 400; ++i) {
    profile.labels.push_back(0);
    for (int exit = 0; exit < 4; ++exit) {
      const bool right = unit(random) < 0.4 + 0.15 * exit;
      profile.predicted.push_back(right ? 0 : 1);
      profile.confidence.push_back(sure ? static_cast<float>(right) : 0.9f);
    }
  }
  return profile;
}

TEST(Temperature, IsOfTheLogit) {
  EXPECT_DOUBLE_EQ(with_temperature(0.8, 1.0), 0.8);
  EXPECT_NEAR(with_temperature(0.8, 2.0), 2.0 / 3.0, 1e-12);  // Odds of 4 become 2.
  EXPECT_NEAR(with_temperature(0.8, 0.5), 16.0 / 17.0, 1e-12);
  EXPECT_DOUBLE_EQ(with_temperature(0.5, 3.0), 0.5);
  EXPECT_EQ(with_temperature(0.0, 3.0), 0.0);
  EXPECT_EQ(with_temperature(1.0, 3.0), 1.0);
}

TEST(Temperature, CalibratesTheMean) {
  profile::CsProfile profile{.exits = 1, .labels = {0, 0, 0, 0}, .predicted = {0, 0, 0, 1}, .confidence = {}};
  profile.confidence.assign(4, 0.9f);
  EXPECT_NEAR(with_temperature(0.9, calibrating_temperature(profile)), 0.75, 1e-6);
  profile.confidence.assign(4, 0.5f);  // No temperature changes it.
  EXPECT_EQ(calibrating_temperature(profile), 1.0);
}

TEST(GainExperiment, WithoutInformationPlanningGainsNothingAndItsCostIsPaid) {
  const GainExperiment experiment(example(false), kTimes);
  Conditions conditions{.prediction = Prediction::kLastConfidence, .scale = Scale::kProbability};
  const Gain free = experiment.gain(conditions);
  EXPECT_NEAR(free.gain.mean, free.planned.mean - free.single.mean, 1e-12);
  EXPECT_NEAR(free.gain.mean, 0.0, 0.02);
  conditions.planning_seconds = 0.2;
  const Gain charged = experiment.gain(conditions);
  EXPECT_LT(charged.planned.mean, free.planned.mean - 0.005);
  EXPECT_DOUBLE_EQ(charged.single.mean, free.single.mean);
}

/// Sure exits: a run stops as soon as it is right. Foresight cannot know more than the oracle.
TEST(GainExperiment, ConfidenceThatIsCorrectnessPays) {
  const GainExperiment experiment(example(true), kTimes, nullptr, 400);
  const Gain known = experiment.gain({.prediction = Prediction::kForesight});
  const Gain predicted = experiment.gain({.prediction = Prediction::kLastConfidence});
  const Gain oracle = experiment.oracle_gain();
  EXPECT_GT(predicted.gain.mean, 0.03);
  EXPECT_GT(known.gain.mean, predicted.gain.mean);
  EXPECT_GT(oracle.gain.mean, known.gain.mean);
  EXPECT_GT(experiment.decision_gain().gain.mean, 0.03);
}

TEST(GainExperiment, BaselinesAreInOrderOnTheFittedSamples) {
  const GainExperiment experiment(example(true), kTimes, nullptr, 400);
  const auto single = [&](Baseline baseline) {
    return experiment.gain({.prediction = Prediction::kLastConfidence, .baseline = baseline}).single.mean;
  };
  // Confidence equals correctness here, so that both plans are the same.
  EXPECT_DOUBLE_EQ(single(Baseline::kOptimal), single(Baseline::kByConfidence));
  EXPECT_GE(single(Baseline::kOptimal), single(Baseline::kEvenlySpaced) - 0.02);
}

TEST(GainExperiment, OtherTimesShareTheFits) {
  const GainExperiment experiment(example(true), kTimes);
  plan::BlockTimes scaled = kTimes;
  for (auto* part : {&scaled.conv, &scaled.branch}) {
    for (double& time : *part) time *= 3.0;
  }
  const Conditions conditions{.prediction = Prediction::kLastConfidence};
  EXPECT_NEAR(experiment.with_times(scaled).gain(conditions).gain.mean, experiment.gain(conditions).gain.mean, 1e-9);
}

TEST(GainExperiment, NeedsPredictorsForTheBundlesOwn) {
  const GainExperiment experiment(example(true), kTimes);
  expect_error(ErrorKind::kNotFound, "predictor", [&] { experiment.gain({}); });
  expect_error(ErrorKind::kInvalidData, "at least two samples",
               [] { GainExperiment({.exits = 2, .labels = {}, .predicted = {}, .confidence = {}}, kTimes); });
}

/// The single plan is that of eval.
TEST(GainExperiment, ScoresAsEvalDoes) {
  const bundle::Bundle bundle =
      bundle::load_bundle(std::filesystem::path(EINET_SOURCE_DIR) / "bundles/fashion-mnist-msdnet.einet");
  const plan::BlockTimes times = bundle.timing.begin()->second.times();
  const profile::CsProfile& profile = *bundle.confidences;
  const GainExperiment experiment(profile, times, &bundle, profile.samples());
  eval::MethodBuilder builder(bundle);
  const auto distribution = plan::uniform_distribution(times.total());
  const std::array<std::string_view, 1> names = {"static-optimal"};
  const auto methods = builder.build(times, distribution, names);
  const double expected = policy::estimate(eval::simulate(methods.at(0), profile, times, *distribution)).mean;
  const Gain gain = experiment.gain({});
  EXPECT_NEAR(gain.single.mean, expected, 1e-12);
  EXPECT_NEAR(gain.planned.mean, expected, 0.02);
  EXPECT_NE(gain.planned.mean, experiment.gain({.same_samples = true}).planned.mean);
}

}  // namespace
}  // namespace einet::reproduce
