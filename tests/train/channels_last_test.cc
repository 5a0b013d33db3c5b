// Compares values, gradients and running statistics with libtorch's operators in double.
#include "train/channels_last.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace einet::train {
namespace {

constexpr auto kLast = at::MemoryFormat::ChannelsLast;

struct Case {
  std::int64_t count, channels, height, width;
};

// One value per channel and many; fewer rows than stretches; channels that do and do not fill vectors; odd remainders.
const std::vector<Case> kCases = {{2, 1, 1, 1},  {3, 5, 7, 7},  {2, 16, 4, 4},  {5, 20, 3, 5},
                                  {1, 33, 1, 9}, {2, 64, 5, 6}, {8, 3, 28, 28}, {2, 130, 2, 3}};

at::Tensor random(at::IntArrayRef sizes) { return at::randn(sizes); }

double distance(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

struct Constants {
  at::Tensor scale, shift, mean, variance;
  explicit Constants(std::int64_t channels)
      : scale(at::rand({channels}) + 0.5),
        shift(random({channels})),
        mean(random({channels})),
        variance(at::rand({channels}) + 0.5) {}
};

void expect_like_libtorch(const Case& c, at::ScalarType type, bool relu, double offset) {
  at::manual_seed(c.channels);
  SCOPED_TRACE(std::to_string(c.channels) + " channels, " + toString(type) + (relu ? ", relu" : ""));
  const at::Tensor x = (random({c.count, c.channels, c.height, c.width}) + offset).to(type).contiguous(kLast);
  const at::Tensor weight = random(x.sizes());
  Constants ours(c.channels), theirs = ours;
  const auto run = [&](Constants& k, bool own) {
    const at::ScalarType wide = own ? at::kFloat : at::kDouble;
    for (at::Tensor* t : {&k.scale, &k.shift, &k.mean, &k.variance}) *t = t->clone().to(wide);
    k.scale.set_requires_grad(true);
    k.shift.set_requires_grad(true);
    at::Tensor input = (own ? x : x.to(wide)).detach().clone(kLast).set_requires_grad(true);
    at::Tensor y;
    if (own) {
      y = norm_relu_training(input, {k.scale, k.shift, k.mean, k.variance, 1e-5, 0.3}, relu);
    } else {
      y = at::batch_norm(input, k.scale, k.shift, k.mean, k.variance, true, 0.3, 1e-5, false);
      if (relu) y = at::relu(y);
    }
    (y * weight.to(y.scalar_type())).sum().backward();
    return std::vector{y.detach(), input.grad(), k.scale.grad(), k.shift.grad(), k.mean, k.variance};
  };
  const std::vector<at::Tensor> own = run(ours, true), expected = run(theirs, false);
  EXPECT_TRUE(suits_channels_last(own[0]) && suits_channels_last(own[1]));
  const double rounding = type == at::kBFloat16 ? 1.0 / 128 : 1e-5;
  for (std::size_t i = 0; i < own.size(); ++i) {
    const double largest = 1 + expected[i].abs().max().item<double>();
    EXPECT_LE(distance(own[i], expected[i]), rounding * largest * (offset == 0 ? 1 : 50)) << "result " << i;
  }
}

TEST(NormRelu, AgreesWithLibtorchInValueAndGradient) {
  for (const Case& c : kCases) {
    for (const bool relu : {false, true}) {
      if (c.count * c.height * c.width > 2) expect_like_libtorch(c, at::kFloat, relu, 0);
      if (c.count * c.height * c.width > 2) expect_like_libtorch(c, at::kBFloat16, false, 0);
    }
  }
}

// Sums of squares about 0 would lose the variance: 1e4 squared is 1e8, but a float has 7 digits.
TEST(NormRelu, KeepsASmallVarianceAboutALargeMean) {
  const at::Tensor x = (random({4, 5, 8, 8}) + 1e4).contiguous(kLast);
  const at::Tensor ones = at::ones({5}), zeros = at::zeros({5});
  const at::Tensor y = norm_relu_training(x, {ones, zeros, at::full({5}, 9.9e3), ones.clone()}, false);
  const at::Tensor exact = at::batch_norm(x.to(at::kDouble), {}, {}, {}, {}, true, 0, 1e-5, false);
  EXPECT_LE(distance(y, exact), 0.02);
}

TEST(NormRelu, EvaluatesWithTheRunningStatistics) {
  for (const Case& c : kCases) {
    const at::Tensor x = random({c.count, c.channels, c.height, c.width}).contiguous(kLast);
    const Constants k(c.channels);
    const at::Tensor expected =
        at::relu(at::batch_norm(x, k.scale, k.shift, k.mean, k.variance, false, 0.1, 1e-5, false));
    EXPECT_LE(distance(norm_relu_evaluation(x, {k.scale, k.shift, k.mean, k.variance}, true), expected), 1e-4);
  }
}

TEST(NormRelu, PropagatesNaN) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    at::Tensor x = random({2, 5, 4, 4}).to(type).contiguous(kLast);
    x[0][3][1][1] = std::numeric_limits<double>::quiet_NaN();
    const Constants k(5);
    const at::Tensor y = norm_relu_training(x, {k.scale, k.shift, k.mean, k.variance}, false);
    EXPECT_TRUE(y.select(1, 3).to(at::kFloat).isnan().all().item<bool>());
    EXPECT_TRUE(k.mean[3].isnan().item<bool>());
    EXPECT_FALSE(k.mean[2].isnan().item<bool>());
  }
}

TEST(NormRelu, DoesNotDependOnTheNumberOfThreads) {
  const at::Tensor x = random({8, 12, 16, 16}).contiguous(kLast);
  const auto run = [&](int threads) {
    const int before = at::get_num_threads();
    at::set_num_threads(threads);
    const at::Tensor input = x.clone(kLast).set_requires_grad(true), ones = at::ones({12}), zeros = at::zeros({12});
    norm_relu_training(input, {ones, zeros, zeros.clone(), ones.clone()}, true).square().sum().backward();
    at::set_num_threads(before);
    return input.grad();
  };
  EXPECT_TRUE(run(1).equal(run(2)));
}

TEST(FanOut, AddsAllGradientsAndRoundsOnce) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    for (const Case& c : kCases) {
      for (const std::size_t readers : {1, 2, 3, 5}) {
        const at::Tensor x =
            random({c.count, c.channels, c.height, c.width}).to(type).contiguous(kLast).set_requires_grad(true);
        const std::vector<at::Tensor> handles = fan_out(x, readers);
        ASSERT_EQ(handles.size(), readers);
        at::Tensor loss = at::zeros({}), sum = at::zeros(x.sizes());
        for (const at::Tensor& handle : handles) {
          EXPECT_TRUE(handle.equal(x));
          const at::Tensor weight = random(x.sizes()).to(type);
          loss = loss + (handle * weight).sum();
          sum += weight;
        }
        loss.backward();
        ASSERT_TRUE(suits_channels_last(x.grad()));
        EXPECT_EQ(x.grad().scalar_type(), type);
        // In float the order of summation is unspecified.
        const double tolerance = type == at::kFloat ? 1e-6 : 1.0 / 256;
        EXPECT_LE(distance(x.grad(), sum), tolerance * (1 + sum.abs().max().item<double>()));
      }
    }
  }
}

TEST(FanOut, SkipsReadersWithoutAGradient) {
  const at::Tensor x = random({2, 5, 3, 3}).contiguous(kLast).set_requires_grad(true);
  std::vector<at::Tensor> handles = fan_out(x, 3);
  handles[1].square().sum().backward();
  EXPECT_TRUE(x.grad().equal(2 * x.detach()));
}

TEST(FanOut, SupportsAnyValue) {
  const at::Tensor rows = random({4, 7}).set_requires_grad(true);
  const std::vector<at::Tensor> handles = fan_out(rows, 2);
  (handles[0].sum() + handles[1].sum()).backward();
  EXPECT_TRUE(rows.grad().equal(at::full({4, 7}, 2.0f)));
  EXPECT_FALSE(fan_out(random({2, 5, 3, 3}).contiguous(kLast), 2)[1].requires_grad());
  EXPECT_TRUE(fan_out(rows, 0).empty());
}

TEST(ConcatChannels, AgreesWithLibtorchAndHasDenseGradients) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    for (const std::vector<std::int64_t>& channels :
         {std::vector<std::int64_t>{1, 2, 3}, {5, 8, 13}, {40, 7, 1}, {4}}) {
      std::vector<at::Tensor> parts, twins;
      for (const std::int64_t c : channels) {
        parts.push_back(random({2, c, 3, 4}).to(type).contiguous(kLast).set_requires_grad(true));
        twins.push_back(parts.back().detach().clone().set_requires_grad(true));
      }
      const at::Tensor y = concat_channels(parts), expected = at::cat(twins, 1);
      EXPECT_TRUE(y.equal(expected));
      const at::Tensor weight = random(y.sizes()).to(type);
      (y * weight).sum().backward();
      (expected * weight).sum().backward();
      for (std::size_t i = 0; i < parts.size(); ++i) {
        EXPECT_TRUE(parts[i].grad().equal(twins[i].grad()));
        EXPECT_TRUE(suits_channels_last(parts[i].grad()));
      }
    }
  }
}

}  // namespace
}  // namespace einet::train
