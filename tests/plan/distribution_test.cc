#include "einet/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "expect_error.h"

namespace einet::plan {
namespace {

using Distribution = std::shared_ptr<const ExitTimeDistribution>;

/// One of each kind, and some extreme ones.
std::vector<Distribution> samples_of_all() {
  std::vector<double> cut_offs;
  std::mt19937_64 random(3);
  for (int i = 0; i < 200; ++i) cut_offs.push_back(std::uniform_real_distribution<double>(0.01, 2.0)(random));
  std::vector<double> weights;
  for (int i = 0; i < 20; ++i)
    weights.push_back(i % 5 == 0 ? 0.0 : std::uniform_real_distribution<double>(0, 1)(random));
  const auto online = std::make_shared<OnlineHistogram>(2.0);
  for (const double cut_off : cut_offs) online->observe(cut_off * cut_off / 2.0);
  return {uniform_distribution(2.0),
          gaussian_distribution(0.5, 0.5, 2.0),
          gaussian_distribution(0.5, 1.0, 2.0),
          gaussian_distribution(0.5, 0.01, 2.0),
          gaussian_distribution(-1.0, 0.2, 2.0),
          gaussian_distribution(3.0, 0.25, 2.0),
          deadline_distribution(1.5),
          exponential_distribution(0.7),
          histogram_distribution(weights, 2.0),
          empirical_distribution(cut_offs),
          empirical_distribution(std::vector<double>{1.0, 1.0, 1.0}),
          empirical_distribution(std::vector<double>{0.5}),
          online};
}

TEST(Distribution, CdfRisesFromZeroToOne) {
  for (const Distribution& distribution : samples_of_all()) {
    SCOPED_TRACE(distribution->description().substr(0, 60));
    EXPECT_EQ(distribution->cdf(-1.0), 0.0);
    EXPECT_EQ(distribution->cdf(0.0), 0.0);
    EXPECT_EQ(distribution->cdf(std::numeric_limits<double>::infinity()), 1.0);
    EXPECT_EQ(distribution->cdf(distribution->horizon()), 1.0);
    double before = 0.0;
    for (int k = 1; k <= 4000; ++k) {
      const double level = distribution->cdf(k * 1e-3);
      EXPECT_GE(level, before - 1e-15);
      EXPECT_LE(level, 1.0);
      before = level;
    }
  }
}

TEST(Distribution, QuantileIsTheInverse) {
  for (const Distribution& distribution : samples_of_all()) {
    SCOPED_TRACE(distribution->description().substr(0, 60));
    EXPECT_EQ(distribution->quantile(0.0), 0.0);
    for (int k = 1; k <= 1000; ++k) {
      const double p = k / 1000.0;
      const double t = distribution->quantile(p);
      EXPECT_GE(distribution->cdf(t), p - 1e-12);
      // No earlier moment reaches p.
      if (std::isfinite(t)) {
        EXPECT_LT(distribution->cdf(t * (1.0 - 1e-9)), p + 1e-12);
      }
    }
  }
}

TEST(Distribution, SamplesFollowTheCdf) {
  constexpr int kDraws = 20000;
  for (const Distribution& distribution : samples_of_all()) {
    SCOPED_TRACE(distribution->description().substr(0, 60));
    std::mt19937_64 random(7);
    std::vector<double> drawn(kDraws);
    for (double& t : drawn) t = distribution->sample(random);
    for (const double t : {0.1, 0.4, 0.9, 1.2, 1.6, 1.9}) {
      const auto below = std::count_if(drawn.begin(), drawn.end(), [t](double x) { return x <= t; });
      EXPECT_NEAR(static_cast<double>(below) / kDraws, distribution->cdf(t), 0.02) << t;
    }
  }
}

/// The bounds of the exact planner depend on this.
TEST(Distribution, ConcavityBoundsTheRiseAboveAnyChord) {
  for (const Distribution& distribution : samples_of_all()) {
    SCOPED_TRACE(distribution->description().substr(0, 60));
    for (const double width : {1e-3, 0.01, 0.07, 0.5}) {
      double most = 0.0;
      for (int k = 0; k < 2500; ++k) {
        const double begin = k * 1e-3;
        const double above = 1.0 - distribution->cdf(begin);
        const double below = 1.0 - distribution->cdf(begin + width);
        for (int part = 1; part < 10; ++part) {
          const double share = part / 10.0;
          const double chord = above + share * (below - above);
          most = std::max(most, 1.0 - distribution->cdf(begin + share * width) - chord);
        }
      }
      EXPECT_LE(most, distribution->concavity(width) + 1e-12) << width;
    }
  }
}

TEST(Distribution, SurvivalIsConditional) {
  const auto uniform = uniform_distribution(10.0);
  EXPECT_DOUBLE_EQ(uniform->survival(6.0, 2.0), 0.5);
  EXPECT_DOUBLE_EQ(uniform->survival(6.0, 6.0), 1.0);
  EXPECT_DOUBLE_EQ(uniform->survival(12.0, 11.0), 0.0);
  // Memoryless.
  const auto exponential = exponential_distribution(2.0);
  EXPECT_NEAR(exponential->survival(5.0, 4.0), exponential->survival(1.0, 0.0), 1e-14);
}

TEST(Distribution, DescriptionParsesToTheSame) {
  for (const Distribution& distribution : samples_of_all()) {
    const auto again = parse_distribution(distribution->description(), 2.0);
    for (const double t : {0.1, 0.5, 1.0, 1.4999, 1.5, 1.9}) {
      EXPECT_NEAR(again->cdf(t), distribution->cdf(t), 1e-12) << distribution->description().substr(0, 60);
    }
  }
}

TEST(Distribution, HandComputedValues) {
  const auto gaussian = gaussian_distribution(0.5, 0.5, 10.0);
  EXPECT_NEAR(gaussian->cdf(5.0), 0.5, 1e-15);
  // P(-1 < Z < -0.5) / P(-1 < Z < 1) = (0.308537539 - 0.158655254) / 0.682689492.
  EXPECT_NEAR(gaussian->cdf(2.5), 0.219546785, 1e-8);
  // Ten sigmas beyond the horizon the tail of a Gaussian falls like exp(-10 z): precision must not be lost.
  const auto far = gaussian_distribution(11.0, 1.0, 1.0);
  EXPECT_NEAR(far->cdf(0.5),
              (std::erfc(10.5 / std::sqrt(2)) - std::erfc(11.0 / std::sqrt(2))) /
                  (std::erfc(10.0 / std::sqrt(2)) - std::erfc(11.0 / std::sqrt(2))),
              1e-12);

  const auto histogram = histogram_distribution(std::vector<double>{1, 0, 3}, 3.0);
  EXPECT_DOUBLE_EQ(histogram->cdf(0.5), 0.125);
  EXPECT_DOUBLE_EQ(histogram->cdf(1.5), 0.25);
  EXPECT_DOUBLE_EQ(histogram->cdf(2.5), 0.625);
  EXPECT_DOUBLE_EQ(histogram->quantile(0.25), 1.0);

  const auto empirical = empirical_distribution(std::vector<double>{4, 2, 2, 8});
  EXPECT_DOUBLE_EQ(empirical->cdf(1.0), 0.125);
  EXPECT_DOUBLE_EQ(empirical->cdf(2.0), 0.5);
  EXPECT_DOUBLE_EQ(empirical->cdf(3.0), 0.625);
  EXPECT_DOUBLE_EQ(empirical->quantile(0.5), 2.0);
  EXPECT_DOUBLE_EQ(empirical->horizon(), 8.0);
}

TEST(Distribution, RejectsInvalidParameters) {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {0.0, -1.0, nan, infinity}) {
    const auto rejects = [&](const char* text, auto make) { expect_error(ErrorKind::kInvalidData, text, make); };
    rejects("horizon", [&] { uniform_distribution(bad); });
    rejects("horizon", [&] { gaussian_distribution(0.5, 0.5, bad); });
    rejects("sigma", [&] { gaussian_distribution(0.5, bad, 1.0); });
    rejects("deadline", [&] { deadline_distribution(bad); });
    rejects("mean", [&] { exponential_distribution(bad); });
    rejects("observed cut-off", [&] { empirical_distribution(std::vector<double>{1.0, bad}); });
    rejects("horizon", [&] { histogram_distribution(std::vector<double>{1.0}, bad); });
    rejects("horizon", [&] { OnlineHistogram histogram(bad); });
  }
  expect_error(ErrorKind::kInvalidData, "mean", [&] { gaussian_distribution(nan, 0.5, 1.0); });
  expect_error(ErrorKind::kInvalidData, "none of its mass", [] { gaussian_distribution(1000.0, 0.1, 1.0); });
  expect_error(ErrorKind::kInvalidData, "no cut-offs", [] { empirical_distribution(std::vector<double>{}); });
  expect_error(ErrorKind::kInvalidData, "weight", [] { histogram_distribution(std::vector<double>{1, -1}, 1.0); });
  expect_error(ErrorKind::kInvalidData, "sum", [] { histogram_distribution(std::vector<double>{0, 0}, 1.0); });
  expect_error(ErrorKind::kInvalidData, "sum", [] { histogram_distribution(std::vector<double>{}, 1.0); });
}

}  // namespace
}  // namespace einet::plan
