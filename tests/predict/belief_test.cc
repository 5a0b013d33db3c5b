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
  const Curve over_sure{{0.0, 1.0}, {0.0, 0.5}};  // Half of what is claimed.
  const Curve constant{{0.5}, {0.9}};
  result.seen = {over_sure, over_sure, over_sure};
  result.predicted = {constant, constant, over_sure};
  return result;
}

Belief belief(double shrinkage) {
  return Belief(std::make_shared<const BeliefParameters>(parameters(shrinkage)),
                mean_predictor(std::vector<double>{0.5, 0.5, 0.6}));
}

std::vector<double> scores(const Belief& belief) { return {belief.scores().begin(), belief.scores().end()}; }

TEST(Belief, BeginsWithThePrior) { EXPECT_EQ(scores(belief(1.0)), (std::vector<double>{0.4, 0.6, 0.8})); }

TEST(Belief, WithShrinkageOneIsWhatTheCurvesSay) {
  Belief one = belief(1.0);
  EXPECT_TRUE(one.learns());
  one.see(0, 0.5f);  // Seen: 0.25. Later: 0.9, and half of 0.6.
  EXPECT_NEAR(one.scores()[0], 0.25, 1e-12);
  EXPECT_NEAR(one.scores()[1], 0.9, 1e-12);
  EXPECT_NEAR(one.scores()[2], 0.3, 1e-12);
}

TEST(Belief, GoesPartOfTheWayFromThePrior) {
  Belief half = belief(0.5);
  half.see(0, 0.5f);
  EXPECT_NEAR(half.scores()[0], (0.4 + 0.25) / 2, 1e-12);
  EXPECT_NEAR(half.scores()[1], (0.6 + 0.9) / 2, 1e-12);
  EXPECT_NEAR(half.scores()[2], (0.8 + 0.3) / 2, 1e-12);
}

TEST(Belief, LeavesSkippedExitsAtTheirPrior) {
  Belief one = belief(1.0);
  one.see(1, 1.0f);
  EXPECT_NEAR(one.scores()[0], 0.4, 1e-12);
  EXPECT_NEAR(one.scores()[1], 0.5, 1e-12);
}

TEST(Belief, RemembersEarlierExitsAndForgetsOnReset) {
  Belief one = belief(1.0);
  one.see(0, 0.5f);
  one.see(2, 0.25f);
  EXPECT_NEAR(one.scores()[0], 0.25, 1e-12);
  EXPECT_NEAR(one.scores()[2], 0.125, 1e-12);
  one.reset();
  EXPECT_EQ(scores(one), (std::vector<double>{0.4, 0.6, 0.8}));
  one.see(1, 0.5f);
  EXPECT_NEAR(one.scores()[0], 0.4, 1e-12) << "exit 0 was seen in the run before, not in this one";
}

TEST(Belief, WithShrinkageZeroNeverLearns) {
  Belief none(std::make_shared<const BeliefParameters>(parameters(0.0)), nullptr);
  EXPECT_FALSE(none.learns());
  none.see(0, 0.9f);
  EXPECT_EQ(scores(none), (std::vector<double>{0.4, 0.6, 0.8}));
}

TEST(Belief, RefusesWhatDoesNotFit) {
  expect_error(ErrorKind::kInvalidData, "calibrated for 3 exits, but the predictor has 2", [] {
    Belief(std::make_shared<const BeliefParameters>(parameters(1.0)), mean_predictor(std::vector<double>{0.5, 0.5}));
  });
  expect_error(ErrorKind::kInvalidData, "needs a predictor",
               [] { Belief(std::make_shared<const BeliefParameters>(parameters(0.5)), nullptr); });
}

}  // namespace
}  // namespace einet::predict
