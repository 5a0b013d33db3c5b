#include "train/losses.h"

#include <gtest/gtest.h>

#include <cmath>

#include "train/schedule.h"

namespace einet::train {
namespace {

at::Tensor weighted_loss(const std::vector<ExitLogits>& exits, const std::vector<double>& weights,
                         const at::Tensor& labels, const LossOptions& options, const ExitLogits& teacher,
                         std::size_t teacher_exit) {
  return weighted_sum(exit_losses(exits, labels, options, teacher, teacher_exit), weights);
}

// One sample, two classes, T = 2. Exit 1 gives (0, 0): cross entropy ln 2. The teacher gives (2 ln 3, 0), softened (ln
// 3, 0): 3/4 and 1/4. KL(teacher | 1/2, 1/2) = 3/4 ln(3/2) + 1/4 ln(1/2). The teacher's own cross entropy is -ln(9/10).
TEST(WeightedLoss, ByHand) {
  const at::Tensor first = at::zeros({1, 2}), teacher = at::tensor({2 * std::log(3.0f), 0.0f}).reshape({1, 2});
  const at::Tensor labels = at::zeros({1}, at::kLong);
  const auto loss = [&](double share, const at::Tensor& from) {
    return weighted_loss({{first}, {teacher}}, {2.0, 1.0}, labels, {0.0, share}, {from}, 1).item<double>();
  };
  const double divergence = 0.75 * std::log(1.5) + 0.25 * std::log(0.5);
  EXPECT_NEAR(loss(0, {}), 2 * std::log(2.0) - std::log(0.9), 1e-5);
  EXPECT_NEAR(loss(0.25, teacher), 2 * (0.75 * std::log(2.0) + 0.25 * 4 * divergence) - std::log(0.9), 1e-5);
}

TEST(WeightedLoss, DistillationHasNoGradientForTheTeacher) {
  const at::Tensor teacher = at::tensor({1.0f, 0.0f}).reshape({1, 2}).set_requires_grad(true);
  const at::Tensor pupil = at::zeros({1, 2}).set_requires_grad(true);
  weighted_loss({{pupil}, {teacher}}, {1.0, 0.0}, at::zeros({1}, at::kLong), {0.0, 1.0}, {teacher}, 1).backward();
  EXPECT_TRUE(pupil.grad().defined());
  EXPECT_FALSE(teacher.grad().defined());
}

// Logits (0, ln 3) of independent classes: probabilities 1/2 and 3/4. Class 0 is right: -ln(1/2) - ln(1/4) = ln 8.
// Smoothed by 0.2, targets 0.9 and 0.1: ln 2 - 0.1 ln(3/4) - 0.9 ln(1/4).
TEST(WeightedLoss, IndependentClassesAreSummed) {
  const at::Tensor logits = at::tensor({0.0f, std::log(3.0f)}).reshape({1, 2}), labels = at::zeros({1}, at::kLong);
  const auto loss = [&](double smoothing) {
    return weighted_loss({{logits, true}}, {1.0}, labels, {smoothing, 0.0}, {}, 0).item<double>();
  };
  EXPECT_NEAR(loss(0), std::log(8.0), 1e-5);
  EXPECT_NEAR(loss(0.2), std::log(2.0) - 0.1 * std::log(0.75) - 0.9 * std::log(0.25), 1e-5);
}

// If student and teacher agree, the gradient is 0, whatever their outputs are.
TEST(WeightedLoss, AgreementWithTheTeacherHasNoGradient) {
  const at::Tensor z = at::tensor({1.0f, -2.0f, 0.5f}).reshape({1, 3}), labels = at::zeros({1}, at::kLong);
  const auto loss = [&](const ExitLogits& pupil, const ExitLogits& teacher) {
    return weighted_loss({pupil}, {1.0}, labels, {0.0, 1.0}, teacher, 1).item<double>();
  };
  EXPECT_NEAR(loss({z}, {z}), 0, 1e-6);
  EXPECT_NEAR(loss({z, true}, {z, true}), 0, 1e-6);
  const at::Tensor scaled = 2 * at::sigmoid(z / 2).log();
  EXPECT_NEAR(loss({scaled}, {z, true}), 0, 1e-6);
  EXPECT_GT(loss({-z, true}, {z, true}), 0.1);
  EXPECT_GT(loss({-z}, {z, true}), 0.1);
}

TEST(Schedule, ByHand) {
  for (const auto& [step, rate] : {std::pair{0, 1.0}, {49, 1.0}, {50, 0.1}, {74, 0.1}, {75, 0.01}, {99, 0.01}}) {
    EXPECT_DOUBLE_EQ(learning_rate("steps", 1.0, step, 100), rate) << step;
    EXPECT_DOUBLE_EQ(learning_rate("constant", 1.0, step, 100), 1.0);
  }
}

}  // namespace
}  // namespace einet::train
