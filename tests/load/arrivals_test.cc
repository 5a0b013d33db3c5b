#include "load/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace einet::load {
namespace {

TEST(Arrivals, AreThoseOfAPoissonProcess) {
  constexpr int kCount = 100'000;
  constexpr double kRate = 50.0;
  const auto arrivals = poisson_arrivals(kRate, kCount, 1);
  ASSERT_EQ(arrivals.size(), static_cast<std::size_t>(kCount));
  double before = 0.0, sum = 0.0, squares = 0.0;
  int longer = 0;
  for (const Seconds arrival : arrivals) {
    const double gap = arrival.count() - before;
    EXPECT_GE(gap, 0.0);
    before = arrival.count();
    sum += gap;
    squares += gap * gap;
    if (gap > 2.0 / kRate) ++longer;
  }
  const double mean = sum / kCount;
  EXPECT_NEAR(mean, 1.0 / kRate, 0.02 / kRate);
  EXPECT_NEAR(std::sqrt(squares / kCount - mean * mean), 1.0 / kRate, 0.02 / kRate);
  EXPECT_NEAR(static_cast<double>(longer) / kCount, std::exp(-2.0), 0.005);
}

TEST(Arrivals, DependOnTheSeedOnly) {
  EXPECT_EQ(poisson_arrivals(10.0, 100, 7), poisson_arrivals(10.0, 100, 7));
  EXPECT_NE(poisson_arrivals(10.0, 100, 7), poisson_arrivals(10.0, 100, 8));
  EXPECT_TRUE(poisson_arrivals(10.0, 0, 7).empty());
}

}  // namespace
}  // namespace einet::load
