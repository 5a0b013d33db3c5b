#include "predict/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "expect_error.h"

namespace einet::predict {
namespace {

using Scores = std::vector<float>;
using Outcomes = std::vector<std::uint8_t>;

/// The least squared error of all non-decreasing functions of the score, by trying every partition of the distinct
/// scores into runs of equal level.
double brute_force_error(const Scores& scores, const Outcomes& right) {
  Scores distinct = scores;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  double best = std::numeric_limits<double>::infinity();
  for (unsigned cuts = 0; cuts < (1u << (distinct.size() - 1)); ++cuts) {
    double error = 0, level_before = -1;
    bool monotone = true;
    for (std::size_t begin = 0; begin < distinct.size();) {
      std::size_t end = begin + 1;
      while (end < distinct.size() && !(cuts >> (end - 1) & 1)) ++end;
      double sum = 0, count = 0;
      for (std::size_t i = 0; i < scores.size(); ++i) {
        if (scores[i] < distinct[begin] || scores[i] > distinct[end - 1]) continue;
        sum += right[i];
        count += 1;
      }
      const double level = sum / count;
      error += sum * (1 - level) * (1 - level) + (count - sum) * level * level;
      monotone = monotone && level >= level_before;
      level_before = level;
      begin = end;
    }
    if (monotone) best = std::min(best, error);
  }
  return best;
}

double squared_error(const std::vector<IsotonicLevel>& pools) {
  double error = 0;
  for (const IsotonicLevel& pool : pools) error += pool.weight * pool.probability * (1 - pool.probability);
  return error;
}

TEST(PoolAdjacentViolators, ByHand) {
  // Unsorted input: ordered by score, the outcomes are 0 1 0 1 1.
  const auto pools = pool_adjacent_violators(Scores{0.4f, 0.1f, 0.2f, 0.5f, 0.3f}, Outcomes{1, 0, 1, 1, 0});
  ASSERT_EQ(pools.size(), 3u);
  EXPECT_EQ(pools[0].probability, 0.0);
  EXPECT_EQ(pools[1].probability, 0.5);
  EXPECT_EQ(pools[1].weight, 2.0);
  EXPECT_NEAR(pools[1].score, 0.25, 1e-7);
  EXPECT_EQ(pools[2].probability, 1.0);
}

TEST(PoolAdjacentViolators, KeepsEqualScoresTogether) {
  const auto pools = pool_adjacent_violators(Scores{0.5f, 0.5f, 0.5f, 0.5f}, Outcomes{1, 0, 0, 0});
  ASSERT_EQ(pools.size(), 1u);
  EXPECT_EQ(pools[0].probability, 0.25);
}

TEST(PoolAdjacentViolators, HasTheLeastErrorOfAllMonotoneFunctions) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 500; ++trial) {
    const int count = 1 + static_cast<int>(random() % 10);
    Scores scores;
    Outcomes right;
    for (int i = 0; i < count; ++i) {
      scores.push_back(static_cast<float>(random() % 8) / 8);  // Ties are common.
      right.push_back(random() % 2);
    }
    const auto pools = pool_adjacent_violators(scores, right);
    EXPECT_NEAR(squared_error(pools), brute_force_error(scores, right), 1e-9);
    for (std::size_t i = 1; i < pools.size(); ++i) {
      EXPECT_GT(pools[i].probability, pools[i - 1].probability);
      EXPECT_GT(pools[i].score, pools[i - 1].score);
    }
  }
}

TEST(FitIsotonic, GivesTheIdentityForNoSamples) {
  const Curve curve = fit_isotonic({}, {});
  EXPECT_TRUE(curve.score.empty());
  EXPECT_EQ(curve(0.3), 0.3);
}

TEST(FitIsotonic, GivesAValidCurveWithFewKnots) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> unit;
  Scores scores;
  Outcomes right;
  for (int i = 0; i < 5000; ++i) {
    scores.push_back(unit(random));
    right.push_back(unit(random) < scores.back() * scores.back());
  }
  for (const int knots : {1, 2, 5, 32}) {
    const Curve curve = fit_isotonic(scores, right, knots);
    curve.validate("curve");
    EXPECT_LE(curve.score.size(), static_cast<std::size_t>(knots));
    EXPECT_GE(curve.score.size(), 1u);
  }
  // The true curve is the square of the score; 5000 samples determine it to a few hundredths.
  const Curve curve = fit_isotonic(scores, right);
  for (const double score : {0.2, 0.4, 0.6, 0.8}) EXPECT_NEAR(curve(score), score * score, 0.08);
}

TEST(FitIsotonic, ThinningKeepsTheMean) {
  std::mt19937 random(6);
  Scores scores;
  Outcomes right;
  for (int i = 0; i < 300; ++i) {
    scores.push_back(static_cast<float>(i));
    right.push_back(static_cast<int>(random() % 300) < i);
  }
  // With one knot the curve is the share of right answers.
  const double share = static_cast<double>(std::count(right.begin(), right.end(), 1)) / 300.0;
  EXPECT_NEAR(fit_isotonic(scores, right, 1)(0.0), share, 1e-12);
}

TEST(FitIsotonic, RejectsInvalidData) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  expect_error(ErrorKind::kInvalidData, "2 scores but 1 outcomes", [] { fit_isotonic(Scores{1, 2}, Outcomes{1}); });
  expect_error(ErrorKind::kInvalidData, "NaN", [&] { fit_isotonic(Scores{nan}, Outcomes{1}); });
}

TEST(Curve, InterpolatesBetweenItsKnotsAndIsConstantBeyond) {
  const Curve curve{{0.2, 0.4, 0.8}, {0.1, 0.5, 0.9}};
  curve.validate("curve");
  EXPECT_DOUBLE_EQ(curve(0.0), 0.1);
  EXPECT_DOUBLE_EQ(curve(0.2), 0.1);
  EXPECT_DOUBLE_EQ(curve(0.3), 0.3);
  EXPECT_DOUBLE_EQ(curve(0.4), 0.5);
  EXPECT_DOUBLE_EQ(curve(0.7), 0.8);
  EXPECT_DOUBLE_EQ(curve(9.0), 0.9);
  EXPECT_DOUBLE_EQ(curve(std::numeric_limits<double>::quiet_NaN()), 0.1);
}

TEST(Curve, ValidatesItsKnots) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto fault = [](const Curve& curve, const std::string& text) {
    expect_error(ErrorKind::kInvalidData, "c: " + text, [&] { curve.validate("c"); });
  };
  fault({{0.1, 0.2}, {0.5}}, "a curve has 2 scores but 1 probabilities");
  fault({{0.2, 0.2}, {0.5, 0.6}}, "knot 1 of a curve is out of order");
  fault({{0.1, 0.2}, {0.6, 0.5}}, "knot 1 of a curve is out of order");
  fault({{0.1, nan}, {0.5, 0.6}}, "knot 1 of a curve is out of range");
  fault({{0.1, 0.2}, {0.5, nan}}, "knot 1 of a curve is out of range");
  fault({{0.1, 0.2}, {0.5, 1.1}}, "knot 1 of a curve is out of range");
  fault({{0.1, 0.2}, {-0.1, 0.5}}, "knot 0 of a curve is out of range");
}

}  // namespace
}  // namespace einet::predict
