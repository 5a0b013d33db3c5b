#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "einet/plan/distribution.h"
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
  EXPECT_DOUBLE_EQ(parse_distribution("deadline:0.5", 8.0)->horizon(), 4.0);
  EXPECT_NEAR(parse_distribution("exponential:2ms", 1.0)->cdf(2e-3), 1.0 - std::exp(-1.0), 1e-15);
  EXPECT_NEAR(parse_distribution("exponential:0.25", 4.0)->cdf(1.0), 1.0 - std::exp(-1.0), 1e-15);
  EXPECT_DOUBLE_EQ(parse_distribution("observed:1ms,4ms", 1.0)->cdf(1e-3), 0.5);
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
  refuse("gaussian", "mean and a sigma");
  refuse("gaussian:0.5", "mean and a sigma");
  refuse("gaussian:0.5,1,2", "mean and a sigma");
  refuse("gaussian:0.5,0", "sigma");
  refuse("gaussian:0.5,-1", "sigma");
  refuse("gaussian:x,1", "not a finite number");
  refuse("gaussian:nan,1", "not a finite number");
  refuse("gaussian:1e999,1", "not a finite number");
  refuse("gaussian:0.5ms,1", "not a number");
  refuse("deadline:", "not a finite number");
  refuse("deadline:-3ms", "deadline");
  refuse("deadline:3 parsecs", "not a time");
  refuse("exponential:0", "mean");
  refuse("histogram:", "not a finite number");
  refuse("histogram:0,0", "sum");
  refuse("observed:1ms,,2ms", "not a finite number");
  refuse("csv:", "needs the name of a file");
}

TEST(ParseDistribution, NeedsAHorizon) {
  for (const double horizon : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    expect_error(ErrorKind::kInvalidData, "horizon", [&] { parse_distribution("uniform", horizon); });
  }
}

}  // namespace
}  // namespace einet::plan
