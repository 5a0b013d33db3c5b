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
  EXPECT_TRUE(parse_distribution("uniform until 2T", 8.0)->is_uniform());  // comes too late to matter
}

TEST(ParseDistribution, SaysWhatIsWrong) {
  const auto refuse = [](const char* text, const char* why) {
    expect_error(ErrorKind::kUsage, why, [&] { parse_distribution(text, 1.0); });
  };
  refuse("unifrom", "did you mean 'uniform'");
  refuse("gausian:0.5,1", "did you mean 'gaussian'");
  refuse("zzzzzzzzzzzzzzzz", "no such distribution");
  refuse("", "no such distribution");
  refuse("uniform:3", "no arguments");
  refuse("uniform until ", "names no time");
  refuse("uniform until soon", "not a time");
  refuse("uniform until 0", "the deadline is 0");
  refuse("unifrom until 3ms", "did you mean 'uniform'");
  refuse("gaussian", "mean and a sigma");
  refuse("gaussian:0.5", "mean and a sigma");
  refuse("gaussian:0.5,1,2", "mean and a sigma");
  refuse("gaussian:0.5,0", "sigma");
  refuse("gaussian:0.5,-1", "sigma");
  refuse("gaussian:x,1", "not a time");
  refuse("gaussian:nan,1", "finite");
  refuse("gaussian:1e999,1", "not a finite number");
  refuse("gaussian:1e,1", "not a number");
  refuse("deadline:", "not a time");
  refuse("deadline:-3ms", "negative");
  refuse("deadline:0", "the deadline is 0");
  refuse("deadline:0.5", "has no unit; write 0.5s, 0.5ms, or 0.5T");
  refuse("exponential:0.25", "has no unit");
  refuse("observed:1ms,2", "has no unit");
  refuse("deadline:3 parsecs", "not a time");
  refuse("exponential:0", "mean");
  refuse("histogram:", "not a finite number");
  refuse("histogram:0,0", "sum");
  refuse("observed:1ms,,2ms", "not a time");
  refuse("csv:", "needs the name of a file");
}

TEST(ParseDistribution, NeedsAHorizon) {
  for (const double horizon : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    expect_error(ErrorKind::kInvalidData, "horizon", [&] { parse_distribution("uniform", horizon); });
  }
}

}  // namespace
}  // namespace einet::plan
