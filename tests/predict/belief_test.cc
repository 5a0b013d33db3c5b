#include "predict/belief.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "predict/mean_predictor.h"

namespace einet::predict {
namespace {

BeliefParameters parameters(double shrinkage) {
  BeliefParameters result;
  result.shrinkage = shrinkage;
  result.prior = {0.4, 0.6, 0.8};
  const Curve overconfident{{0.0, 1.0}, {0.0, 0.5}};  // Half of the stated confidence.
  const Curve constant{{0.5}, {0.9}};
  result.seen = {overconfident, overconfident, overconfident};
  result.predicted = {constant, constant, overconfident};
  return result;
}

Belief belief(double shrinkage) {
  return Belief(std::make_shared<const BeliefParameters>(parameters(shrinkage)),
                mean_predictor(std::vector<double>{0.5, 0.5, 0.6}));
}

std::vector<double> scores(const Belief& belief) { return {belief.scores().begin(), belief.scores().end()}; }

TEST(Belief, BeginsWithThePrior) { EXPECT_EQ(scores(belief(1.0)), (std::vector<double>{0.4, 0.6, 0.8})); }

TEST(Belief, WithShrinkageOneFollowsTheCurves) {
  Belief one = belief(1.0);
  EXPECT_TRUE(one.learns());
  one.observe(0, 0.5f);  // Seen: 0.25. Later: 0.9, and half of 0.6.
  EXPECT_NEAR(one.scores()[0], 0.25, 1e-12);
  EXPECT_NEAR(one.scores()[1], 0.9, 1e-12);
  EXPECT_NEAR(one.scores()[2], 0.3, 1e-12);
}

TEST(Belief, InterpolatesBetweenPriorAndCurves) {
  Belief half = belief(0.5);
  half.observe(0, 0.5f);
  EXPECT_NEAR(half.scores()[0], (0.4 + 0.25) / 2, 1e-12);
  EXPECT_NEAR(half.scores()[1], (0.6 + 0.9) / 2, 1e-12);
  EXPECT_NEAR(half.scores()[2], (0.8 + 0.3) / 2, 1e-12);
}

TEST(Belief, LeavesSkippedExitsAtTheirPrior) {
  Belief one = belief(1.0);
  one.observe(1, 1.0f);
  EXPECT_NEAR(one.scores()[0], 0.4, 1e-12);
  EXPECT_NEAR(one.scores()[1], 0.5, 1e-12);
}

TEST(Belief, RemembersEarlierExitsAndForgetsOnReset) {
  Belief one = belief(1.0);
  one.observe(0, 0.5f);
  one.observe(2, 0.25f);
  EXPECT_NEAR(one.scores()[0], 0.25, 1e-12);
  EXPECT_NEAR(one.scores()[2], 0.125, 1e-12);
  one.reset();
  EXPECT_EQ(scores(one), (std::vector<double>{0.4, 0.6, 0.8}));
  one.observe(1, 0.5f);
  EXPECT_NEAR(one.scores()[0], 0.4, 1e-12) << "exit 0 was observed in the previous run, not in this one";
}

TEST(Belief, WithShrinkageZeroKeepsThePrior) {
  Belief none(std::make_shared<const BeliefParameters>(parameters(0.0)), nullptr);
  EXPECT_FALSE(none.learns());
  none.observe(0, 0.9f);
  EXPECT_EQ(scores(none), (std::vector<double>{0.4, 0.6, 0.8}));
}

TEST(Belief, RejectsInconsistentParameters) {
  expect_error(ErrorKind::kInvalidData, "calibrated for 3 exits, but the predictor has 2", [] {
    Belief(std::make_shared<const BeliefParameters>(parameters(1.0)), mean_predictor(std::vector<double>{0.5, 0.5}));
  });
  expect_error(ErrorKind::kInvalidData, "needs a predictor",
               [] { Belief(std::make_shared<const BeliefParameters>(parameters(0.5)), nullptr); });
}

}  // namespace
}  // namespace einet::predict
