#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "expect_error.h"
#include "fit/beliefs.h"
#include "predict/gaussian.h"
#include "predict/samples.h"

namespace einet::predict {
namespace {

double logit(double p) { return std::log(p / (1 - p)); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// A random positive definite model.
GaussianModel random_model(int n, std::mt19937& random) {
  std::normal_distribution<double> normal;
  std::vector<double> factor(n * n);
  for (double& value : factor) value = normal(random);
  GaussianModel model{std::vector<double>(n), std::vector<double>(n * n)};
  for (int i = 0; i < n; ++i) {
    model.mean[i] = normal(random);
    for (int j = 0; j < n; ++j) {
      for (int k = 0; k < n; ++k) model.covariance[i * n + j] += factor[i * n + k] * factor[j * n + k] / n;
    }
    model.covariance[i * n + i] += 0.2;
  }
  return model;
}

/// Solves A x = b by Gaussian elimination with pivoting.
std::vector<double> solve(std::vector<double> a, std::vector<double> b) {
  const int n = static_cast<int>(b.size());
  for (int column = 0; column < n; ++column) {
    int pivot = column;
    for (int row = column; row < n; ++row) {
      if (std::abs(a[row * n + column]) > std::abs(a[pivot * n + column])) pivot = row;
    }
    for (int k = 0; k < n; ++k) std::swap(a[column * n + k], a[pivot * n + k]);
    std::swap(b[column], b[pivot]);
    for (int row = 0; row < n; ++row) {
      if (row == column) continue;
      const double factor = a[row * n + column] / a[column * n + column];
      for (int k = column; k < n; ++k) a[row * n + k] -= factor * a[column * n + k];
      b[row] -= factor * b[column];
    }
  }
  for (int i = 0; i < n; ++i) b[i] /= a[i * n + i];
  return b;
}

/// The textbook formula: m_j + S_js S_ss^-1 (x_s - m_s).
double conditional_mean(const GaussianModel& model, const std::vector<int>& seen, const std::vector<float>& confidence,
                        int j) {
  const int n = static_cast<int>(model.mean.size());
  std::vector<double> matrix, right;
  for (const int a : seen) {
    right.push_back(logit(confidence[a]) - model.mean[a]);
    for (const int b : seen) matrix.push_back(model.covariance[a * n + b]);
  }
  const std::vector<double> weights = solve(matrix, right);
  double result = model.mean[j];
  for (std::size_t i = 0; i < seen.size(); ++i) result += model.covariance[j * n + seen[i]] * weights[i];
  return result;
}

TEST(GaussianPredictor, OfTwoExitsByHand) {
  // Variances 1 and 4, covariance 1: seeing the first one unit above its mean raises the second by one.
  const auto predictor = gaussian_predictor({{0.0, 0.5}, {1.0, 1.0, 1.0, 4.0}});
  plan::ExitPlan executed(2);
  executed.insert(0);
  std::vector<double> scores(2);
  const auto seen = static_cast<float>(sigmoid(1.0));
  predictor->predict(std::vector<float>{seen, 0}, executed, 0, scores);
  EXPECT_EQ(scores[0], seen);
  EXPECT_NEAR(scores[1], sigmoid(1.5), 1e-6);
}

TEST(GaussianPredictor, AgreesWithADirectSolveAfterEveryExit) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> unit(0.05f, 0.95f);
  for (int trial = 0; trial < 100; ++trial) {
    const int n = 2 + static_cast<int>(random() % 12);
    const GaussianModel model = random_model(n, random);
    const auto predictor = gaussian_predictor(model);
    // Several runs on one predictor: it must notice by itself where a new run begins.
    for (int run = 0; run < 3; ++run) {
      plan::ExitPlan executed(n);
      std::vector<int> seen;
      std::vector<float> confidence(n, 0.5f);
      std::vector<double> scores(n);
      for (int exit = 0; exit + 1 < n; ++exit) {
        if (random() % 3 == 0) continue;
        confidence[exit] = unit(random);
        executed.insert(exit);
        seen.push_back(exit);
        predictor->predict(confidence, executed, exit, scores);
        for (const int k : seen) EXPECT_EQ(scores[k], confidence[k]);
        for (int j = exit + 1; j < n; ++j) {
          EXPECT_NEAR(scores[j], sigmoid(conditional_mean(model, seen, confidence, j)), 1e-9);
        }
      }
    }
  }
}

TEST(GaussianPredictor, StartsOverWhereWhatWasSeenDiffers) {
  std::mt19937 random(2);
  const GaussianModel model = random_model(4, random);
  const auto used = gaussian_predictor(model);
  std::vector<double> scores(4), expected(4);
  std::vector<float> confidence = {0.9f, 0.8f, 0.7f, 0.0f};
  plan::ExitPlan executed(4);
  executed.insert(0);
  executed.insert(1);
  executed.insert(2);
  used->predict(confidence, executed, 2, scores);
  // The same exits but another value; then fewer exits; then only a later one.
  confidence[0] = 0.2f;
  used->predict(confidence, executed, 2, scores);
  gaussian_predictor(model)->predict(confidence, executed, 2, expected);
  EXPECT_EQ(scores, expected);
  used->predict(confidence, executed, 0, scores);
  used->clone()->predict(confidence, executed, 0, expected);
  EXPECT_EQ(scores[3], expected[3]);
  plan::ExitPlan other(4);
  other.insert(1);
  used->predict(confidence, other, 1, scores);
  gaussian_predictor(model)->predict(confidence, other, 1, expected);
  EXPECT_EQ(scores, expected);
}

TEST(GaussianPredictor, StaysFiniteOnCertainConfidencesAndTwinExits) {
  // Two exits that always say the same: the second adds nothing after the first.
  const auto predictor = gaussian_predictor({{0, 0, 0}, {1, 1, 0.5, 1, 1, 0.5, 0.5, 0.5, 1}});
  plan::ExitPlan executed(3);
  executed.insert(0);
  executed.insert(1);
  std::vector<double> scores(3);
  predictor->predict(std::vector<float>{1.0f, 0.0f, 0}, executed, 1, scores);
  EXPECT_TRUE(std::isfinite(scores[2]));
  EXPECT_GE(scores[2], 0.0);
  EXPECT_LE(scores[2], 1.0);
}

TEST(GaussianPredictor, PredictsBetterThanTheMeanWhereExitsAgree) {
  const profile::CsProfile fitted = made_up_samples(2000, 6, 7);
  const profile::CsProfile fresh = made_up_samples(1000, 6, 8);
  const auto predictor = gaussian_predictor(fit_gaussian(fitted));
  const auto errors = fit::predictor_errors(fresh, *predictor, fit::target_means(fitted, "confidence"), "confidence");
  EXPECT_LT(errors.overall_squared(), 0.5 * errors.overall_mean_squared());
}

TEST(GaussianPredictor, RefusesWhatIsNoModel) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_error(ErrorKind::kInvalidData, "2 means with 3 covariances", [] { gaussian_predictor({{0, 0}, {1, 0, 0}}); });
  expect_error(ErrorKind::kInvalidData, "NaN", [&] { gaussian_predictor({{nan}, {1}}); });
  expect_error(ErrorKind::kInvalidData, "exit 2 has no positive variance", [] {
    gaussian_predictor({{0, 0}, {1, 0, 0, 0}});
  });
  expect_error(ErrorKind::kInvalidData, "two samples", [] { fit_gaussian(made_up_samples(1, 2, 1)); });
}

}  // namespace
}  // namespace einet::predict
