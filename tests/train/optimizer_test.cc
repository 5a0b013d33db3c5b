#include <gtest/gtest.h>

#include "train/adam.h"
#include "train/gradients.h"
#include "train/sgd.h"

namespace einet::train {
namespace {

std::vector<Interpreter::Parameter> two_parameters() {
  const at::TensorOptions with_gradient = at::TensorOptions(at::kFloat).requires_grad(true);
  return {{"w", at::full({1}, 2.0f, with_gradient), true}, {"b", at::full({1}, 2.0f, with_gradient), false}};
}

void set_gradients(const std::vector<Interpreter::Parameter>& parameters, float w, float b) {
  const auto set = [](at::Tensor value, float gradient) { value.mutable_grad() = at::full({1}, gradient); };
  set(parameters[0].value, w);
  set(parameters[1].value, b);
}

// Two steps by hand: decay 0.1 on w only, momentum 0.5, rate 0.1.
TEST(Sgd, NesterovAndDecayByHand) {
  const std::vector<Interpreter::Parameter> parameters = two_parameters();
  Sgd sgd(parameters, 0.5, 0.1);
  set_gradients(parameters, 1.0f, 1.0f);
  sgd.step(0.1);
  // w: g = 1 + 0.1*2 = 1.2, v = 1.2, w = 2 - 0.1*(1.2 + 0.5*1.2). b: g = v = 1, b = 2 - 0.1*1.5.
  EXPECT_FLOAT_EQ(parameters[0].value.item<float>(), 1.82f);
  EXPECT_FLOAT_EQ(parameters[1].value.item<float>(), 1.85f);
  set_gradients(parameters, 0.0f, 0.0f);
  sgd.step(0.1);
  // w: g = 0.182, v = 0.6 + 0.182, w = 1.82 - 0.1*(0.182 + 0.391). b: g = 0, v = 0.5, b = 1.85 - 0.1*0.25.
  EXPECT_FLOAT_EQ(parameters[0].value.item<float>(), 1.7627f);
  EXPECT_FLOAT_EQ(parameters[1].value.item<float>(), 1.825f);
  EXPECT_FLOAT_EQ(sgd.momenta().at("w").item<float>(), 0.782f);
}

// Two steps by hand: g = 1 then -1, rate 0.1, decay 0.5 on w only.
TEST(Adam, ByHand) {
  const std::vector<Interpreter::Parameter> parameters = two_parameters();
  Adam adam(parameters, 0.5);
  set_gradients(parameters, 1.0f, 1.0f);
  adam.step(0.1);
  // Whatever its size, the first gradient moves by the rate.
  EXPECT_NEAR(parameters[0].value.item<float>(), 2 * 0.95 - 0.1, 1e-6);
  EXPECT_NEAR(parameters[1].value.item<float>(), 1.9, 1e-6);
  set_gradients(parameters, -1.0f, -1.0f);
  adam.step(0.1);
  // Mean (0.9*0.1 - 0.1) / (1 - 0.81) = -1/19; square (0.999*0.001 + 0.001) / (1 - 0.998001) = 1.
  EXPECT_NEAR(parameters[0].value.item<float>(), 1.8 * 0.95 + 0.1 / 19, 1e-5);
  EXPECT_NEAR(parameters[1].value.item<float>(), 1.9 + 0.1 / 19, 1e-5);
}

TEST(Gradients, AreClippedTogether) {
  const std::vector<Interpreter::Parameter> parameters = two_parameters();
  const auto gradient = [&](int i) { return parameters[i].value.grad().item<float>(); };
  set_gradients(parameters, 3.0f, 4.0f);
  EXPECT_DOUBLE_EQ(clip_gradients(parameters, 10), 5.0);
  EXPECT_FLOAT_EQ(gradient(0), 3.0f);
  EXPECT_DOUBLE_EQ(clip_gradients(parameters, 0), 5.0);
  EXPECT_FLOAT_EQ(gradient(1), 4.0f);
  EXPECT_DOUBLE_EQ(clip_gradients(parameters, 1), 5.0);
  EXPECT_FLOAT_EQ(gradient(0), 0.6f);
  EXPECT_FLOAT_EQ(gradient(1), 0.8f);
}

}  // namespace
}  // namespace einet::train
