#include "exec/scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace einet::exec {
namespace {

TEST(TopOne, IsTheSoftmaxOfTheLargestLogit) {
  // Softmax of (0, log 2, log 5): 1/8, 2/8, 5/8.
  const std::vector<float> logits = {0.0f, std::log(2.0f), std::log(5.0f)};
  const TopOne top = top_one(logits, graph::Head::kLogits);
  EXPECT_EQ(top.label, 2);
  EXPECT_NEAR(top.confidence, 0.625f, 1e-6f);
}

TEST(TopOne, OfProbabilitiesIsTheirMaximum) {
  const TopOne top = top_one(std::vector<float>{0.2f, 0.7f, 0.1f}, graph::Head::kSoftmax);
  EXPECT_EQ(top.label, 1);
  EXPECT_EQ(top.confidence, 0.7f);
}

TEST(TopOne, ReturnsTheFirstOfEquals) {
  const TopOne top = top_one(std::vector<float>{3.0f, 3.0f}, graph::Head::kLogits);
  EXPECT_EQ(top.label, 0);
  EXPECT_FLOAT_EQ(top.confidence, 0.5f);
}

TEST(TopOne, IsStableForLogitsThatWouldOverflow) {
  const TopOne top = top_one(std::vector<float>{1e4f, 1e4f - std::log(3.0f), -1e30f}, graph::Head::kLogits);
  EXPECT_EQ(top.label, 0);
  EXPECT_NEAR(top.confidence, 0.75f, 1e-3f);
}

TEST(TopOne, HasNoConfidenceForNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& outputs : {std::vector<float>{nan, 1.0f}, {1.0f, nan}, {nan}}) {
    EXPECT_EQ(top_one(outputs, graph::Head::kLogits).confidence, 0.0f);
    EXPECT_EQ(top_one(outputs, graph::Head::kSoftmax).confidence, 0.0f);
  }
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(top_one(std::vector<float>{infinity, infinity}, graph::Head::kLogits).confidence, 0.0f);
}

TEST(TopOne, LimitsRoundedProbabilitiesToOne) {
  EXPECT_EQ(top_one(std::vector<float>{0.0f, 1.0000002f}, graph::Head::kSoftmax).confidence, 1.0f);
  EXPECT_EQ(top_one(std::vector<float>{1e-7f, -20.0f}, graph::Head::kLogSoftmax).confidence, 1.0f);
  EXPECT_EQ(top_one(std::vector<float>{0.0f, 7.0f}, graph::Head::kSoftmax).confidence, 7.0f);
}

TEST(TopOne, OfLogSoftmaxIsItsExponential) {
  const TopOne top = top_one(std::vector<float>{std::log(0.25f), std::log(0.75f)}, graph::Head::kLogSoftmax);
  EXPECT_EQ(top.label, 1);
  EXPECT_FLOAT_EQ(top.confidence, 0.75f);
}

TEST(TopOne, OfSigmoidsIsTheGreatest) {
  const TopOne top = top_one(std::vector<float>{0.9f, 0.99f, 0.5f}, graph::Head::kSigmoid);
  EXPECT_EQ(top.label, 1);
  EXPECT_EQ(top.confidence, 0.99f);
  EXPECT_GT(top_one(std::vector<float>{0.0f, 0.0f}, graph::Head::kSigmoid).confidence, 0.0f);
}

TEST(TopOne, OfASingleSigmoidIsOneOfTwoClasses) {
  const auto of = [](float p) { return top_one(std::vector<float>{p}, graph::Head::kSigmoid); };
  EXPECT_EQ(of(0.75f).label, 1);
  EXPECT_EQ(of(0.75f).confidence, 0.75f);
  EXPECT_EQ(of(0.25f).label, 0);
  EXPECT_EQ(of(0.25f).confidence, 0.75f);
  EXPECT_EQ(of(0.5f).label, 1);
  EXPECT_EQ(of(std::numeric_limits<float>::quiet_NaN()).confidence, 0.0f);
}

TEST(LogProbabilities, AreTheLogarithmsOfClassProbabilities) {
  const std::vector<float> outputs = {0.2f, 0.7f, 0.1f};
  for (const graph::Head head :
       {graph::Head::kLogits, graph::Head::kSoftmax, graph::Head::kSigmoid, graph::Head::kLogSoftmax}) {
    std::vector<float> values = outputs;
    if (head == graph::Head::kLogSoftmax) {
      for (float& value : values) value = std::log(value);
    }
    std::vector<float> logarithms(3);
    log_probabilities(values, head, top_one(values, head), logarithms);
    const std::vector<float> probabilities = class_probabilities(values, head);
    for (int k = 0; k < 3; ++k) EXPECT_NEAR(logarithms[k], std::log(probabilities[k]), 1e-6f);
  }
  const std::vector<float> single = {0.25f};
  ASSERT_EQ(class_count(1, graph::Head::kSigmoid), 2);
  std::vector<float> two(2);
  log_probabilities(single, graph::Head::kSigmoid, top_one(single, graph::Head::kSigmoid), two);
  EXPECT_NEAR(two[0], std::log(0.75f), 1e-6f);
  EXPECT_NEAR(two[1], std::log(0.25f), 1e-6f);
}

TEST(LogProbabilities, AreBoundedBelow) {
  std::vector<float> two(2);
  for (const auto& [outputs, head] : {std::pair{std::vector<float>{0.0f, 1.0f}, graph::Head::kSoftmax},
                                      std::pair{std::vector<float>{-1e30f, 3.0f}, graph::Head::kLogits},
                                      std::pair{std::vector<float>{1.0f}, graph::Head::kSigmoid}}) {
    log_probabilities(outputs, head, top_one(outputs, head), two);
    EXPECT_EQ(two[0], kLeastLogProbability);
    EXPECT_EQ(two[1], 0.0f);
  }
}

TEST(ClassProbabilities, AgreeWithTopOne) {
  const std::vector<float> outputs = {-0.3f, -1.2f, -0.9f};
  for (const graph::Head head : {graph::Head::kLogits, graph::Head::kSoftmax, graph::Head::kLogSoftmax}) {
    const TopOne top = top_one(outputs, head);
    EXPECT_FLOAT_EQ(class_probabilities(outputs, head)[top.label], top.confidence);
  }
  EXPECT_EQ(class_probabilities(std::vector<float>{0.25f}, graph::Head::kSigmoid), (std::vector<float>{0.75f, 0.25f}));
}

}  // namespace
}  // namespace einet::exec
