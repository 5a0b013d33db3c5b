#include "train/losses.h"

#include <gtest/gtest.h>

#include <cmath>

#include "train/schedule.h"

namespace einet::train {
namespace {

// One sample, two classes, T = 2. Exit 1 says (0, 0): cross entropy ln 2. The teacher says (2 ln 3, 0), softened (ln 3,
// 0): 3/4 and 1/4. KL(teacher | 1/2, 1/2) = 3/4 ln(3/2) + 1/4 ln(1/2). The teacher's own cross entropy is -ln(9/10).
TEST(WeightedLoss, ByHand) {
  const at::Tensor first = at::zeros({1, 2}), teacher = at::tensor({2 * std::log(3.0f), 0.0f}).reshape({1, 2});
  const at::Tensor labels = at::zeros({1}, at::kLong);
  const auto loss = [&](double share, const at::Tensor& from) {
    return weighted_loss({first, teacher}, {2.0, 1.0}, labels, {0.0, share}, from, 1).item<double>();
  };
  const double divergence = 0.75 * std::log(1.5) + 0.25 * std::log(0.5);
  EXPECT_NEAR(loss(0, {}), 2 * std::log(2.0) - std::log(0.9), 1e-5);
  EXPECT_NEAR(loss(0.25, teacher), 2 * (0.75 * std::log(2.0) + 0.25 * 4 * divergence) - std::log(0.9), 1e-5);
}

TEST(WeightedLoss, TheTeacherDoesNotLearnFromItsPupils) {
  const at::Tensor teacher = at::tensor({1.0f, 0.0f}).reshape({1, 2}).set_requires_grad(true);
  const at::Tensor pupil = at::zeros({1, 2}).set_requires_grad(true);
  weighted_loss({pupil, teacher}, {1.0, 0.0}, at::zeros({1}, at::kLong), {0.0, 1.0}, teacher, 1).backward();
  EXPECT_TRUE(pupil.grad().defined());
  EXPECT_FALSE(teacher.grad().defined());
}

TEST(Schedule, ByHand) {
  for (const auto& [step, rate] : {std::pair{0, 1.0}, {49, 1.0}, {50, 0.1}, {74, 0.1}, {75, 0.01}, {99, 0.01}}) {
    EXPECT_DOUBLE_EQ(learning_rate("steps", 1.0, step, 100), rate) << step;
    EXPECT_DOUBLE_EQ(learning_rate("constant", 1.0, step, 100), 1.0);
  }
}

}  // namespace
}  // namespace einet::train
