#include "reproduce/analysis/last_confidence.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace einet::reproduce {
namespace {

plan::ExitPlan only(int exits, int exit) {
  plan::ExitPlan plan(exits);
  plan.insert(exit);
  return plan;
}

/// Four samples of label 0; the first exit is unsure (0.2) or sure (0.8).
profile::CsProfile example() {
  return {.exits = 2,
          .labels = {0, 0, 0, 0},
          .predicted = {1, 1, 1, 0, 0, 0, 0, 0},
          .confidence = {0.2f, 0.4f, 0.2f, 0.6f, 0.8f, 0.8f, 0.8f, 1.0f}};
}

TEST(LastConfidence, IsTheMeanOfTheBin) {
  std::vector<double> scores(2);
  const std::vector<float> sure = {0.8f, 0.0f}, unsure = {0.1f, 0.0f};
  const auto confidence = fit_last_confidence(example(), false, 2);
  EXPECT_EQ(confidence->exits(), 2);
  confidence->predict(sure, only(2, 0), 0, scores);
  EXPECT_NEAR(scores[0], 0.8, 1e-6);  // As seen.
  EXPECT_NEAR(scores[1], 0.9, 1e-6);
  confidence->clone()->predict(unsure, only(2, 0), 0, scores);
  EXPECT_NEAR(scores[1], 0.5, 1e-6);

  const auto correctness = fit_last_confidence(example(), true, 2);
  correctness->predict(sure, only(2, 0), 0, scores);
  EXPECT_DOUBLE_EQ(scores[1], 1.0);
  correctness->predict(unsure, only(2, 0), 0, scores);
  EXPECT_DOUBLE_EQ(scores[1], 0.5);
}

TEST(LastConfidence, WithOneBinIsTheMean) {
  std::vector<double> scores(2);
  fit_last_confidence(example(), true, 1)->predict(std::vector<float>{0.8f, 0.0f}, only(2, 0), 0, scores);
  EXPECT_DOUBLE_EQ(scores[1], 0.75);
}

/// All confidences fall into one bin; the others have the mean.
TEST(LastConfidence, EqualConfidencesShareABin) {
  profile::CsProfile profile = example();
  for (const int sample : {0, 1, 2, 3}) profile.confidence[2 * sample] = 0.5f;
  const auto predictor = fit_last_confidence(profile, true, 4);
  std::vector<double> scores(2);
  for (const float confidence : {0.1f, 0.5f, 0.9f}) {
    predictor->predict(std::vector<float>{confidence, 0.0f}, only(2, 0), 0, scores);
    EXPECT_DOUBLE_EQ(scores[1], 0.75);
  }
}

TEST(LastConfidence, RefusesWhatItCannotFit) {
  expect_error(ErrorKind::kInvalidData, "no samples",
               [] { fit_last_confidence({.exits = 2, .labels = {}, .predicted = {}, .confidence = {}}, false); });
  expect_error(ErrorKind::kUsage, "bins", [] { fit_last_confidence(example(), false, 0); });
}

TEST(Foresight, KnowsTheSample) {
  const profile::CsProfile profile = example();
  Foresight foresight(profile);
  const auto clone = foresight.clone();
  std::vector<double> scores(2);
  for (const int sample : {0, 3}) {
    foresight.set_sample(sample);
    clone->predict(std::vector<float>{0.7f, 0.0f}, only(2, 0), 0, scores);
    EXPECT_NEAR(scores[0], 0.7, 1e-6);
    EXPECT_NEAR(scores[1], profile.confidence_at(sample, 1), 1e-6);
  }
}

}  // namespace
}  // namespace einet::reproduce
