#include "train/one_cycle.h"

#include <gtest/gtest.h>

#include <cmath>

namespace einet::train {
namespace {

TEST(OneCycle, RisesToThePeakAndFallsToAlmostNothing) {
  EXPECT_NEAR(one_cycle(0.5, 0, 401), 0.5 / 25, 1e-12);
  EXPECT_NEAR(one_cycle(0.5, 100, 401), 0.5, 1e-12);
  EXPECT_NEAR(one_cycle(0.5, 400, 401), 0.5e-4, 1e-12);
  // Halfway down a cosine from 0.5 to 0.5e-4 is their mean.
  EXPECT_NEAR(one_cycle(0.5, 250, 401), (0.5 + 0.5e-4) / 2, 1e-12);
  for (int step = 1; step <= 400; ++step) {
    const double before = one_cycle(0.5, step - 1, 401);
    const double now = one_cycle(0.5, step, 401);
    EXPECT_EQ(now > before, step <= 100) << step;
    EXPECT_LT(std::abs(now - before), 0.01) << step;
  }
}

TEST(OneCycle, ShortTrainings) {
  EXPECT_NEAR(one_cycle(1.0, 0, 1), 1e-4, 1e-12);
  EXPECT_NEAR(one_cycle(1.0, 0, 2), 0.04, 1e-12);
  EXPECT_NEAR(one_cycle(1.0, 1, 2), 1e-4, 1e-12);
}

}  // namespace
}  // namespace einet::train
