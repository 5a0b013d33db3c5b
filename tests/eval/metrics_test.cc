// Metrics against values computed by hand, and their invariants on random profiles.

#include "eval/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "../policy/random_profile.h"
#include "core/half.h"
#include "einet/distribution.h"
#include "eval/method.h"
#include "policy/simulate.h"

namespace einet::eval {
namespace {

using Bits = std::vector<std::uint8_t>;

TEST(CalibrationError, ByHand) {
  // Five bins: (0.6, 0.8] contains 0.7 (right) and 0.8 (wrong), (0, 0.2] contains 0.1 (wrong).
  const std::vector<float> confidence = {0.7f, 0.8f, 0.1f};
  EXPECT_NEAR(calibration_error(confidence, Bits{1, 0, 0}, 5), (0.5 + 0.1) / 3, 1e-6);
  EXPECT_NEAR(calibration_error(confidence, Bits{1, 0, 0}, 1), 0.6 / 3, 1e-6);
  EXPECT_EQ(calibration_error(std::vector<float>{1.0f, 1.0f}, Bits{1, 1}), 0.0);
  EXPECT_EQ(calibration_error({}, {}), 0.0);
}

TEST(CalibrationError, EdgesBelongToTheBinBelow) {
  // 0.5 and 1.0 in bins (0, 0.5] and (0.5, 1]; 0 in the lowest.
  EXPECT_NEAR(calibration_error(std::vector<float>{0.5f, 1.0f, 0.0f}, Bits{1, 0, 1}, 2), (1.5 + 1.0) / 3, 1e-6);
}

TEST(RiskCoverageArea, ByHand) {
  // By confidence: right, wrong, right: risks 0, 1/2, 1/3.
  const std::vector<float> confidence = {0.2f, 0.9f, 0.5f};
  EXPECT_NEAR(risk_coverage_area(confidence, Bits{1, 1, 0}), (0.0 + 0.5 + 1.0 / 3) / 3, 1e-9);
  EXPECT_NEAR(risk_coverage_area(confidence, Bits{0, 1, 1}), (0.0 + 0.0 + 1.0 / 3) / 3, 1e-9);
  EXPECT_EQ(risk_coverage_area({}, {}), 0.0);
}

TEST(RiskCoverageArea, TiesCountAsInRandomOrder) {
  const std::vector<float> tied = {0.5f, 0.5f};
  EXPECT_NEAR(risk_coverage_area(tied, Bits{1, 0}), 0.5, 1e-9);
  EXPECT_EQ(risk_coverage_area(tied, Bits{1, 0}), risk_coverage_area(tied, Bits{0, 1}));
}

Method fixed_method(const plan::ExitPlan& plan) {
  const PolicyFactory factory = [plan] { return fixed_policy(plan); };
  return {.name = "fixed", .summary = "", .policy = {factory, factory}};
}

/// Two exits at 1 and 2 of a horizon of 4.
TEST(RunMetrics, ByHand) {
  profile::CsProfile profile;
  profile.exits = 2;
  profile.labels = {0, 0, 0, 0};
  profile.predicted = {0, 1, 0, 0, 1, 0, 1, 1};  // lost, right twice, gained, never right
  profile.confidence.assign(8, 0.5f);
  const plan::BlockTimes times{.conv = {0.5, 0.5}, .branch = {0.5, 0.5}, .planning = {}};
  const auto distribution = plan::uniform_distribution(4.0);
  const RunMetrics metrics = run_metrics(fixed_method(plan::ExitPlan::all(2)), profile, times, *distribution, 4.0);
  EXPECT_DOUBLE_EQ(metrics.first_answer_seconds, 1.0);
  EXPECT_DOUBLE_EQ(metrics.unanswered, 0.25);
  EXPECT_DOUBLE_EQ(metrics.lost, 0.25);
  EXPECT_DOUBLE_EQ(metrics.frequent_initial, 0.25) << "every sample has the most frequent class";
  EXPECT_EQ(metrics.accuracy_at_quarters, (std::vector{0.5, 0.5, 0.5}));
  EXPECT_DOUBLE_EQ(elasticity(0.25, profile), 0.5);
}

/// The exits give the true class 0.9, 0.5, 0.7 (largest drop 0.4, between the first two) and 0.2, 0.3, 0.295 (0.005).
TEST(RunMetrics, DropsOfTheTrueClass) {
  profile::CsProfile profile;
  profile.exits = 3;
  profile.classes = 2;
  profile.labels = {0, 1};
  profile.predicted = {0, 0, 0, 0, 0, 0};
  profile.confidence = {0.9f, 0.5f, 0.7f, 0.8f, 0.7f, 0.71f};
  for (const double first : {0.9, 0.5, 0.7, 0.8, 0.7, 0.705}) {
    for (const double p : {first, 1 - first}) {
      profile.log_probability.push_back(float_to_half(static_cast<float>(std::log(p))));
    }
  }
  const plan::BlockTimes times{.conv = {0.5, 0.5, 0.5}, .branch = {0.5, 0.5, 0.5}, .planning = {}};
  const auto distribution = plan::uniform_distribution(4.0);
  Method method = fixed_method(plan::ExitPlan::all(3));
  const auto drops = [&] { return run_metrics(method, profile, times, *distribution, 4.0).true_class_drops; };
  EXPECT_EQ(drops(), (std::vector{0.5, 0.5, 0.5, 0.5, 0.0}));

  // keep = 0, add = 1 give the latest answer.
  const auto weights = std::make_shared<predict::CombinationWeights>();
  weights->keep.assign(3, 0.0);
  weights->add.assign(3, 1.0);
  method.publish = Publish::kCombined;
  method.weights = {weights, weights};
  EXPECT_EQ(drops(), (std::vector{0.5, 0.5, 0.5, 0.5, 0.0}));

  // The product of the exits: 0.9, 0.9, 0.95 and 0.2, 0.097, 0.043.
  weights->keep.assign(3, 1.0);
  EXPECT_EQ(drops(), (std::vector{0.5, 0.5, 0.5, 0.0, 0.0}));

  profile.drop_log_probabilities();
  method = fixed_method(plan::ExitPlan::all(3));
  EXPECT_TRUE(drops().empty());
}

TEST(RunMetrics, TheFrequentClassIsThatOfTheOtherHalf) {
  profile::CsProfile profile;
  profile.exits = 1;
  profile.labels = {3, 5, 3, 5, 7, 3};  // Even samples: mostly 3, the label of one odd sample; odd samples: mostly 5.
  profile.predicted.assign(6, 0);
  profile.confidence.assign(6, 0.5f);
  const plan::BlockTimes times{.conv = {0.5}, .branch = {0.5}, .planning = {}};
  const RunMetrics metrics =
      run_metrics(fixed_method(plan::ExitPlan::all(1)), profile, times, *plan::uniform_distribution(4.0), 4.0);
  EXPECT_DOUBLE_EQ(metrics.frequent_initial, 0.25 / 6);
}

TEST(RunMetrics, WithoutAnyAnswer) {
  const profile::CsProfile profile = testing::random_profile(3, 10, 1);
  const plan::BlockTimes times = testing::random_times(3, 1);
  const auto distribution = plan::uniform_distribution(5.0);
  const RunMetrics metrics = run_metrics(fixed_method(plan::ExitPlan(3)), profile, times, *distribution, 5.0);
  EXPECT_EQ(metrics.unanswered, 1.0);
  EXPECT_EQ(metrics.first_answer_seconds, 5.0);
  EXPECT_EQ(metrics.accuracy_at_quarters, (std::vector{0.0, 0.0, 0.0}));
}

}  // namespace
}  // namespace einet::eval
