#include "einet/profile/softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace einet::profile {
namespace {

TEST(TopOne, IsTheSoftmaxOfTheLargestLogit) {
  // Softmax of (0, log 2, log 5): 1/8, 2/8, 5/8.
  const std::vector<float> logits = {0.0f, std::log(2.0f), std::log(5.0f)};
  const TopOne top = top_one(logits, false);
  EXPECT_EQ(top.label, 2);
  EXPECT_NEAR(top.confidence, 0.625f, 1e-6f);
}

TEST(TopOne, OfProbabilitiesIsTheirMaximum) {
  const TopOne top = top_one(std::vector<float>{0.2f, 0.7f, 0.1f}, true);
  EXPECT_EQ(top.label, 1);
  EXPECT_EQ(top.confidence, 0.7f);
}

TEST(TopOne, TakesTheFirstOfEquals) {
  const TopOne top = top_one(std::vector<float>{3.0f, 3.0f}, false);
  EXPECT_EQ(top.label, 0);
  EXPECT_FLOAT_EQ(top.confidence, 0.5f);
}

TEST(TopOne, IsStableForLogitsThatWouldOverflow) {
  const TopOne top = top_one(std::vector<float>{1e4f, 1e4f - std::log(3.0f), -1e30f}, false);
  EXPECT_EQ(top.label, 0);
  EXPECT_NEAR(top.confidence, 0.75f, 1e-3f);
}

TEST(TopOne, GivesNoConfidenceToNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& outputs : {std::vector<float>{nan, 1.0f}, {1.0f, nan}, {nan}}) {
    EXPECT_EQ(top_one(outputs, false).confidence, 0.0f);
    EXPECT_EQ(top_one(outputs, true).confidence, 0.0f);
  }
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(top_one(std::vector<float>{infinity, infinity}, false).confidence, 0.0f);
}

}  // namespace
}  // namespace einet::profile
