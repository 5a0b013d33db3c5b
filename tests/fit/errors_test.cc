#include <gtest/gtest.h>

#include "expect_error.h"
#include "fit/beliefs.h"
#include "predict/mean_predictor.h"
#include "predict/samples.h"

namespace einet::fit {
namespace {

/// Two samples of three exits.
profile::CsProfile two_samples() {
  profile::CsProfile profile;
  profile.exits = 3;
  profile.labels = {1, 1};
  profile.predicted = {1, 0, 1, 0, 0, 1};
  profile.confidence = {0.5f, 0.75f, 1.0f, 0.25f, 0.5f, 0.5f};
  return profile;
}

TEST(TargetMeans, ByHand) {
  EXPECT_EQ(target_means(two_samples(), "confidence"), (std::vector<double>{0.375, 0.625, 0.75}));
  EXPECT_EQ(target_means(two_samples(), "correctness"), (std::vector<double>{0.5, 0.0, 1.0}));
  expect_error(ErrorKind::kUsage, "target 'luck'", [] { target_means(two_samples(), "luck"); });
}

TEST(PredictorErrors, ByHand) {
  const auto predictor = predict::mean_predictor(std::vector<double>{0.0, 0.5, 0.5});
  const std::vector<double> means = {0.375, 0.625, 0.75};
  const PredictorErrors errors = predictor_errors(two_samples(), *predictor, means, "confidence");
  ASSERT_EQ(errors.squared.size(), 2u);
  // After exit 0: off by 0.25, 0.5, 0, 0; after exit 1: by 0.5, 0.
  EXPECT_DOUBLE_EQ(errors.squared[0], (0.0625 + 0.25) / 4);
  EXPECT_DOUBLE_EQ(errors.absolute[0], 0.75 / 4);
  EXPECT_DOUBLE_EQ(errors.squared[1], 0.125);
  EXPECT_DOUBLE_EQ(errors.absolute[1], 0.25);
  // The means are off by 0.125, 0.25, 0.125, 0.25, then by 0.25, 0.25.
  EXPECT_DOUBLE_EQ(errors.mean_absolute[0], 0.1875);
  EXPECT_DOUBLE_EQ(errors.mean_squared[1], 0.0625);
  EXPECT_DOUBLE_EQ(errors.overall_absolute(), (0.1875 + 0.25) / 2);
  EXPECT_DOUBLE_EQ(errors.overall_mean_absolute(), (0.1875 + 0.25) / 2);
}

TEST(PredictorErrors, AreThoseOfTheMeansForTheMeanPredictor) {
  const profile::CsProfile profile = predict::synthetic_samples(500, 5, 1);
  for (const std::string target : {"confidence", "correctness"}) {
    const std::vector<double> means = target_means(profile, target);
    const PredictorErrors errors = predictor_errors(profile, *predict::mean_predictor(means), means, target, 100);
    EXPECT_EQ(errors.squared, errors.mean_squared);
    EXPECT_EQ(errors.overall_squared(), errors.overall_mean_squared());
  }
}

TEST(PredictorErrors, RejectsInconsistentExits) {
  const std::vector<double> means = {0.5, 0.5};
  expect_error(ErrorKind::kInvalidData, "predicts 2 exits from 2 means, the profile has 3",
               [&] { predictor_errors(two_samples(), *predict::mean_predictor(means), means, "confidence"); });
}

}  // namespace
}  // namespace einet::fit
