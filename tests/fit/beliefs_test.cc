#include "fit/beliefs.h"

#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.h"
#include "predict/samples.h"

namespace einet::fit {
namespace {

/// Predicts the confidence of the last observed exit for every later one; records which exits it was given.
class LastSeenPredictor final : public predict::Predictor {
 public:
  explicit LastSeenPredictor(int exits) : skipped(exits), lasts(exits), exits_(exits) {}
  int exits() const noexcept override { return exits_; }
  void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
               std::span<double> scores) noexcept override {
    EXPECT_TRUE(executed.contains(exit));
    EXPECT_EQ(executed.next(exit), exits_);
    ++lasts[exit];
    for (int k = 0; k < exit; ++k) skipped[k] += !executed.contains(k);
    for (double& score : scores) score = confidence[exit];
  }
  std::unique_ptr<Predictor> clone() const override { return std::make_unique<LastSeenPredictor>(*this); }

  std::vector<int> skipped, lasts;

 private:
  int exits_;
};

TEST(FitBeliefs, CalibratesOverconfidentExits) {
  const profile::CsProfile profile = predict::synthetic_samples(20000, 3, 1);
  LastSeenPredictor predictor(3);
  const predict::BeliefParameters parameters = fit_beliefs(profile, predictor, {.shrinkage = 0.5});
  parameters.validate("fit");
  EXPECT_EQ(parameters.shrinkage, 0.5);
  EXPECT_EQ(parameters.target, "confidence");
  for (int exit = 0; exit < 3; ++exit) {
    EXPECT_EQ(parameters.prior[exit], profile.accuracy(exit));
    // A confidence of sigmoid(2) comes from a strength near 1: right with probability sigmoid(1), not sigmoid(2).
    EXPECT_NEAR(parameters.seen[exit](1 / (1 + std::exp(-2.0))), 1 / (1 + std::exp(-1.0)), 0.05);
  }
}

TEST(FitBeliefs, FitsPredictionsFromEveryEarlierExitAndWithSkips) {
  const profile::CsProfile profile = predict::synthetic_samples(2000, 4, 2);
  LastSeenPredictor predictor(4);
  const predict::BeliefParameters parameters = fit_beliefs(profile, predictor, {.draws_per_sample = 4});
  for (int exit = 0; exit < 3; ++exit) EXPECT_GT(predictor.lasts[exit], 2000) << "a third of 8000 draws";
  EXPECT_EQ(predictor.lasts[3], 0) << "after the last exit there is nothing to predict";
  for (int exit = 0; exit < 2; ++exit) EXPECT_GT(predictor.skipped[exit], 0);
  EXPECT_LT(predictor.skipped[0], 8000 / 2);
  EXPECT_TRUE(parameters.predicted[0].score.empty()) << "nothing comes before the first exit";
  EXPECT_GT(parameters.predicted[3].score.size(), 3u);
  EXPECT_GT(parameters.predicted[3](0.99), parameters.predicted[3](0.1));
}

TEST(FitBeliefs, IsDeterministic) {
  const profile::CsProfile profile = predict::synthetic_samples(300, 3, 3);
  LastSeenPredictor predictor(3);
  const auto first = fit_beliefs(profile, predictor);
  const auto second = fit_beliefs(profile, predictor);
  EXPECT_EQ(first.predicted[2].probability, second.predicted[2].probability);
}

TEST(FitBeliefs, AcceptsANetworkWithOneExit) {
  LastSeenPredictor predictor(1);
  fit_beliefs(predict::synthetic_samples(50, 1, 4), predictor).validate("fit");
}

TEST(FitBeliefs, RejectsInvalidInput) {
  const profile::CsProfile profile = predict::synthetic_samples(10, 3, 5);
  LastSeenPredictor two(2), three(3);
  expect_error(ErrorKind::kInvalidData, "predicts 2 exits, the profile has 3", [&] { fit_beliefs(profile, two); });
  expect_error(ErrorKind::kUsage, "target 'luck'", [&] { fit_beliefs(profile, three, {.target = "luck"}); });
  expect_error(ErrorKind::kUsage, "shrinkage", [&] { fit_beliefs(profile, three, {.shrinkage = 1.5}); });
  expect_error(ErrorKind::kInvalidData, "no samples", [&] { fit_beliefs(profile.rows({}), three); });
}

}  // namespace
}  // namespace einet::fit
