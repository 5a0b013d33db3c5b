#include <gtest/gtest.h>

#include "train/adam.h"
#include "train/flat_parameters.h"
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

/// One step with these gradients.
template <class Optimizer>
void step(const std::vector<Interpreter::Parameter>& parameters, FlatParameters& flat, Optimizer& optimizer,
          std::int64_t number, float w, float b) {
  set_gradients(parameters, w, b);
  at::Tensor gradient = flat.take_gradients();
  optimizer.step(gradient, 0.1, number);
}

// Two steps by hand: decay 0.1 on w only, momentum 0.5, rate 0.1.
TEST(Sgd, NesterovAndDecayByHand) {
  const std::vector<Interpreter::Parameter> parameters = two_parameters();
  FlatParameters flat(parameters);
  Sgd sgd(flat, 0.5, 0.1);
  step(parameters, flat, sgd, 1, 1.0f, 1.0f);
  // w: g = 1 + 0.1*2 = 1.2, v = 1.2, w = 2 - 0.1*(1.2 + 0.5*1.2). b: g = v = 1, b = 2 - 0.1*1.5.
  EXPECT_FLOAT_EQ(parameters[0].value.item<float>(), 1.82f);
  EXPECT_FLOAT_EQ(parameters[1].value.item<float>(), 1.85f);
  step(parameters, flat, sgd, 2, 0.0f, 0.0f);
  // w: g = 0.182, v = 0.6 + 0.182, w = 1.82 - 0.1*(0.182 + 0.391). b: g = 0, v = 0.5, b = 1.85 - 0.1*0.25.
  EXPECT_FLOAT_EQ(parameters[0].value.item<float>(), 1.7627f);
  EXPECT_FLOAT_EQ(parameters[1].value.item<float>(), 1.825f);
  EXPECT_FLOAT_EQ(sgd.state().at("momentum/w").item<float>(), 0.782f);
}

// Two steps by hand: g = 1 then -1, rate 0.1, decay 0.5 on w only.
TEST(Adam, ByHand) {
  const std::vector<Interpreter::Parameter> parameters = two_parameters();
  FlatParameters flat(parameters);
  Adam adam(flat, 0.5);
  step(parameters, flat, adam, 1, 1.0f, 1.0f);
  // The first step has the size of the learning rate, whatever the gradient.
  EXPECT_NEAR(parameters[0].value.item<float>(), 2 * 0.95 - 0.1, 1e-6);
  EXPECT_NEAR(parameters[1].value.item<float>(), 1.9, 1e-6);
  step(parameters, flat, adam, 2, -1.0f, -1.0f);
  // Mean (0.9*0.1 - 0.1) / (1 - 0.81) = -1/19; square (0.999*0.001 + 0.001) / (1 - 0.998001) = 1.
  EXPECT_NEAR(parameters[0].value.item<float>(), 1.8 * 0.95 + 0.1 / 19, 1e-5);
  EXPECT_NEAR(parameters[1].value.item<float>(), 1.9 + 0.1 / 19, 1e-5);
}

TEST(FlatParameters, AreContiguous) {
  const at::TensorOptions with_gradient = at::TensorOptions(at::kFloat).requires_grad(true);
  // Channels-last: in memory 0 2 4, 1 3 5.
  const at::Tensor filter = at::arange(6, at::kFloat).reshape({1, 3, 1, 2}).contiguous(at::MemoryFormat::ChannelsLast);
  const std::vector<Interpreter::Parameter> parameters = {{"filter", filter.set_requires_grad(true), true},
                                                          {"bias", at::full({2}, 7.0f, with_gradient), false}};
  FlatParameters flat(parameters);
  EXPECT_TRUE(flat.values().equal(at::tensor({0.f, 2.f, 4.f, 1.f, 3.f, 5.f, 7.f, 7.f})));
  EXPECT_TRUE(flat.decays().equal(at::tensor({1.f, 1.f, 1.f, 1.f, 1.f, 1.f, 0.f, 0.f})));
  // A gradient in another memory order is converted to that of the filter.
  (parameters[0].value.contiguous() * at::arange(6, at::kFloat).reshape({1, 3, 1, 2})).sum().backward();
  EXPECT_TRUE(flat.take_gradients().equal(at::tensor({0.f, 2.f, 4.f, 1.f, 3.f, 5.f, 0.f, 0.f})));
  EXPECT_FALSE(parameters[0].value.grad().defined());
  flat.values().mul_(10);
  EXPECT_EQ(parameters[0].value.index({0, 2, 0, 1}).item<float>(), 50.0f);
  EXPECT_EQ(flat.by_name(flat.values()).at("bias")[1].item<float>(), 70.0f);
}

TEST(Gradient, IsClippedAsAWhole) {
  at::Tensor gradient = at::tensor({3.0f, 4.0f});
  EXPECT_DOUBLE_EQ(clip_gradient(gradient, 10), 5.0);
  EXPECT_DOUBLE_EQ(clip_gradient(gradient, 0), 5.0);
  EXPECT_TRUE(gradient.equal(at::tensor({3.0f, 4.0f})));
  EXPECT_DOUBLE_EQ(clip_gradient(gradient, 1), 5.0);
  EXPECT_FLOAT_EQ(gradient[0].item<float>(), 0.6f);
  EXPECT_FLOAT_EQ(gradient[1].item<float>(), 0.8f);
}

}  // namespace
}  // namespace einet::train
