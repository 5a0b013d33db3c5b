#include "fit/combination.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "expect_error.h"
#include "fit/combined_answers.h"
#include "policy/random_log_probabilities.h"
#include "runtime/small_bundle.h"

namespace einet::fit {
namespace {

using predict::CombinationWeights;
using testing::profile_with_log_probabilities;

/// The loss in plain double arithmetic.
double plain_loss(const CombinationWeights& weights, const profile::CsProfile& profile, int sample,
                  const plan::ExitPlan& executed) {
  std::vector<double> z(profile.classes, 0.0);
  std::vector<float> l(profile.classes);
  double loss = 0.0;
  for (int exit = 0; exit < profile.exits; ++exit) {
    if (!executed.contains(exit)) continue;
    profile.log_probabilities(sample, exit, l);
    double sum = 0.0;
    for (int k = 0; k < profile.classes; ++k) {
      z[k] = weights.keep[exit] * z[k] + weights.add[exit] * l[k];
      sum += std::exp(z[k]);
    }
    loss += std::log(sum) - z[profile.labels[sample]];
  }
  return loss / executed.count();
}

TEST(CombinationLoss, GradientEqualsFiniteDifferences) {
  constexpr int kExits = 5;
  const auto profile = profile_with_log_probabilities(kExits, 4, 40, 3);
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> uniform(0.2, 1.2);
  for (int sample = 0; sample < profile.samples(); ++sample) {
    CombinationWeights weights;
    plan::ExitPlan executed(kExits);
    for (int exit = 0; exit < kExits; ++exit) {
      weights.keep.push_back(uniform(random));
      weights.add.push_back(uniform(random));
      if (random() % 3 > 0) executed.insert(exit);
    }
    executed.insert(sample % kExits);
    CombinationWeights gradient{.keep = std::vector<double>(kExits), .add = std::vector<double>(kExits)};
    const double loss = combination_loss(weights, profile, sample, executed, gradient);
    EXPECT_NEAR(loss, plain_loss(weights, profile, sample, executed), 1e-4);
    for (int exit = 0; exit < kExits; ++exit) {
      const auto slope = [&](std::vector<double> CombinationWeights::*which) {
        constexpr double kStep = 1e-5;
        CombinationWeights up = weights, down = weights;
        (up.*which)[exit] += kStep;
        (down.*which)[exit] -= kStep;
        return (plain_loss(up, profile, sample, executed) - plain_loss(down, profile, sample, executed)) / (2 * kStep);
      };
      EXPECT_NEAR(gradient.keep[exit], slope(&CombinationWeights::keep), 1e-3);
      EXPECT_NEAR(gradient.add[exit], slope(&CombinationWeights::add), 1e-3);
    }
  }
}

double mean_loss(const CombinationWeights& weights, const profile::CsProfile& profile, const plan::ExitPlan& executed) {
  double sum = 0.0;
  for (int sample = 0; sample < profile.samples(); ++sample) sum += plain_loss(weights, profile, sample, executed);
  return sum / profile.samples();
}

TEST(FitCombination, HasAHigherLikelihoodThanTheLatestAnswerOnOtherSamples) {
  constexpr int kExits = 4;
  const auto all = plan::ExitPlan::all(kExits);
  const auto weights = fit_combination(profile_with_log_probabilities(kExits, 5, 800, 5), all);
  const auto unseen = profile_with_log_probabilities(kExits, 5, 800, 6);
  const CombinationWeights latest{.keep = std::vector<double>(kExits, 0.0), .add = std::vector<double>(kExits, 1.0)};
  EXPECT_LT(mean_loss(weights, unseen, all), mean_loss(latest, unseen, all) - 0.1);
  weights.validate("weights");
}

TEST(FitCombination, IsDeterministic) {
  const auto profile = profile_with_log_probabilities(3, 4, 100, 7);
  const auto fit = [&] { return fit_combination(profile, plan::ExitPlan::all(3), {.steps = 50}); };
  EXPECT_EQ(fit().keep, fit().keep);
  EXPECT_EQ(fit().add, fit().add);
}

TEST(FitCombination, RequiresLogProbabilities) {
  auto profile = profile_with_log_probabilities(3, 4, 10, 7);
  profile.drop_log_probabilities();
  expect_error(ErrorKind::kInvalidData, "log-probabilities", [&] { fit_combination(profile, plan::ExitPlan::all(3)); });
}

bundle::Bundle bundle_of(profile::CsProfile profile) {
  bundle::Bundle bundle;
  bundle.name = "combined";
  bundle.confidences = std::move(profile);
  return bundle;
}

TEST(FitCombinedAnswers, ReportsAHeldOutGainIfExitsComplementEachOther) {
  const plan::BlockTimes times = testing::random_times(4, 8);
  bundle::Bundle bundle = bundle_of(profile_with_log_probabilities(4, 5, 1000, 9));
  fit_combined_answers(bundle, times);
  ASSERT_TRUE(bundle.combination && bundle.fold_combinations[0] && bundle.fold_combinations[1]);
  EXPECT_TRUE(bundle.combination->pays());
  EXPECT_GT(bundle.combination->gain, 0.02);
  EXPECT_NE(bundle.fold_combinations[0]->add, bundle.fold_combinations[1]->add);
}

TEST(FitCombinedAnswers, ReportsNoGainIfExitsAreIdentical) {
  auto profile = profile_with_log_probabilities(4, 5, 400, 10);
  const std::size_t row = 4 * 5;
  for (int sample = 0; sample < profile.samples(); ++sample) {  // every exit repeats the first
    for (std::size_t i = 5; i < row; ++i)
      profile.log_probability[sample * row + i] = profile.log_probability[sample * row + i % 5];
    for (int exit = 1; exit < 4; ++exit) {
      profile.predicted[sample * 4 + exit] = profile.predicted[sample * 4];
      profile.confidence[sample * 4 + exit] = profile.confidence[sample * 4];
    }
  }
  bundle::Bundle bundle = bundle_of(std::move(profile));
  fit_combined_answers(bundle, testing::random_times(4, 8));
  EXPECT_FALSE(bundle.combination->pays());
}

TEST(FitCombinedAnswers, AddsNoWeightsWithoutLogProbabilities) {
  auto profile = profile_with_log_probabilities(3, 4, 50, 11);
  profile.drop_log_probabilities();
  bundle::Bundle bundle = bundle_of(profile);
  bundle.combination = CombinationWeights{.keep = {0, 0, 0}, .add = {1, 1, 1}};
  fit_combined_answers(bundle, testing::random_times(3, 1));
  EXPECT_FALSE(bundle.combination);
}

}  // namespace
}  // namespace einet::fit
