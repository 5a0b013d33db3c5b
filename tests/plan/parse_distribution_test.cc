#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "einet/distribution.h"
#include "expect_error.h"

namespace einet::plan {
namespace {

TEST(ParseDistribution, ScalesToTheHorizon) {
  EXPECT_TRUE(parse_distribution("uniform", 3.0)->is_uniform());
  EXPECT_DOUBLE_EQ(parse_distribution("uniform", 3.0)->cdf(1.5), 0.5);
  EXPECT_NEAR(parse_distribution("gaussian:0.5,1", 3.0)->cdf(1.5), 0.5, 1e-15);
  EXPECT_DOUBLE_EQ(parse_distribution("histogram:1,3", 4.0)->cdf(2.0), 0.25);
}

TEST(ParseDistribution, ReadsTimes) {
  EXPECT_DOUBLE_EQ(parse_distribution("deadline:3ms", 1.0)->horizon(), 3e-3);
  EXPECT_DOUBLE_EQ(parse_distribution("deadline:250us", 1.0)->horizon(), 250e-6);
  EXPECT_DOUBLE_EQ(parse_distribution("deadline:40ns", 1.0)->horizon(), 40e-9);
  EXPECT_DOUBLE_EQ(parse_distribution("deadline:2s", 1.0)->horizon(), 2.0);
  EXPECT_DOUBLE_EQ(parse_distribution("deadline:0.5T", 8.0)->horizon(), 4.0);
  EXPECT_NEAR(parse_distribution("exponential:2ms", 1.0)->cdf(2e-3), 1.0 - std::exp(-1.0), 1e-15);
  EXPECT_NEAR(parse_distribution("exponential:0.25T", 4.0)->cdf(1.0), 1.0 - std::exp(-1.0), 1e-15);
  EXPECT_DOUBLE_EQ(parse_distribution("observed:1ms,4ms", 1.0)->cdf(1e-3), 0.5);
  EXPECT_DOUBLE_EQ(parse_distribution("observed:1m,0.5T", 240.0)->cdf(60.0), 0.5);
}

TEST(ParseDistribution, ReadsAGaussianInUnitsOfTheHorizonOrInTimes) {
  for (const char* text : {"gaussian:0.25,0.5", "gaussian:0.25T,0.5T", "gaussian:1s,2s", "gaussian:1000ms,0.5"}) {
    EXPECT_EQ(parse_distribution(text, 4.0)->description(), "gaussian:0.25,0.5") << text;
  }
  EXPECT_EQ(parse_distribution("gaussian:-0.5,1", 4.0)->description(), "gaussian:-0.5,1");
}

TEST(ParseDistribution, ReadsAKnownDeadline) {
  const auto uniform = parse_distribution("uniform until 3ms", 10e-3);
  EXPECT_FALSE(uniform->is_uniform());
  EXPECT_DOUBLE_EQ(uniform->horizon(), 3e-3);
  EXPECT_DOUBLE_EQ(uniform->cdf(2.9e-3), 0.29);
  EXPECT_EQ(uniform->cdf(3e-3), 1.0);
  EXPECT_DOUBLE_EQ(uniform->quantile(0.2), 2e-3);
  EXPECT_DOUBLE_EQ(uniform->quantile(0.9), 3e-3);
  EXPECT_EQ(uniform->description(), "uniform until 0.003s");
  EXPECT_DOUBLE_EQ(parse_distribution(uniform->description(), 10e-3)->cdf(2e-3), 0.2);
  EXPECT_DOUBLE_EQ(parse_distribution("gaussian:0.5,0.5 until 0.25T", 8.0)->horizon(), 2.0);
  EXPECT_TRUE(parse_distribution("uniform until 2T", 8.0)->is_uniform());  // too late to have an effect
}

TEST(ParseDistribution, ReportsErrors) {
  const auto rejects = [](const char* text, const char* why) {
    expect_error(ErrorKind::kUsage, why, [&] { parse_distribution(text, 1.0); });
  };
  rejects("unifrom", "did you mean 'uniform'");
  rejects("gausian:0.5,1", "did you mean 'gaussian'");
  rejects("zzzzzzzzzzzzzzzz", "no such distribution");
  rejects("", "no such distribution");
  rejects("uniform:3", "no arguments");
  rejects("uniform until ", "has no time after 'until'");
  rejects("uniform until soon", "not a time");
  rejects("uniform until 0", "the deadline is 0");
  rejects("unifrom until 3ms", "did you mean 'uniform'");
  rejects("gaussian", "mean and a sigma");
  rejects("gaussian:0.5", "mean and a sigma");
  rejects("gaussian:0.5,1,2", "mean and a sigma");
  rejects("gaussian:0.5,0", "sigma");
  rejects("gaussian:0.5,-1", "sigma");
  rejects("gaussian:x,1", "not a time");
  rejects("gaussian:nan,1", "finite");
  rejects("gaussian:1e999,1", "not a finite number");
  rejects("gaussian:1e,1", "not a number");
  rejects("deadline:", "not a time");
  rejects("deadline:-3ms", "negative");
  rejects("deadline:0", "the deadline is 0");
  rejects("deadline:0.5", "has no unit; write 0.5s, 0.5ms, or 0.5T");
  rejects("exponential:0.25", "has no unit");
  rejects("observed:1ms,2", "has no unit");
  rejects("deadline:3 parsecs", "not a time");
  rejects("exponential:0", "mean");
  rejects("histogram:", "not a finite number");
  rejects("histogram:0,0", "sum");
  rejects("observed:1ms,,2ms", "not a time");
  rejects("csv:", "needs the name of a file");
}

TEST(ParseDistribution, NeedsAHorizon) {
  for (const double horizon : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    expect_error(ErrorKind::kInvalidData, "horizon", [&] { parse_distribution("uniform", horizon); });
  }
}

}  // namespace
}  // namespace einet::plan
