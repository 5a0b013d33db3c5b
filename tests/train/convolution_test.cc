// Compares with libtorch's convolution in double, on values that bfloat16 represents exactly.
#include "train/convolution.h"

#include <gtest/gtest.h>

#include "train/autocast.h"
#include "train/bf16.h"

namespace einet::train {
namespace {

using Ints = std::vector<std::int64_t>;

struct Case {
  Ints image, weight, strides, pads, dilations;
  std::int64_t groups = 1;
  bool bias = false;
  bool channels_last = true;
};

const std::vector<Case> kCases = {
    {{30, 5, 9, 7}, {4, 5, 1, 1}, {1, 1}, {0, 0}, {1, 1}, 1, true},
    {{30, 5, 9, 7}, {4, 5, 1, 1}, {1, 1}, {0, 0}, {1, 1}, 1, false, false},
    {{20, 6, 9, 8}, {3, 6, 1, 1}, {2, 3}, {0, 0}, {1, 1}},
    {{70, 6, 3, 3}, {3, 6, 1, 1}, {1, 1}, {1, 1}, {1, 1}, 1, true},
    {{3, 20, 8, 8}, {7, 20, 3, 3}, {2, 2}, {1, 1}, {1, 1}},
    {{5, 20, 2, 2}, {33, 20, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, true},
    {{20, 4, 9, 7}, {5, 4, 3, 2}, {2, 2}, {0, 1}, {2, 2}, 1, true, false},
    {{20, 4, 6, 6}, {5, 4, 4, 4}, {1, 1}, {0, 0}, {1, 1}},
    {{1, 3, 2, 2}, {2, 3, 1, 1}, {1, 1}, {0, 0}, {1, 1}},             // Too small for a matrix product.
    {{2, 4, 12, 12}, {5, 4, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 1, true},  // Too large.
    {{2, 4, 4, 4}, {6, 2, 3, 3}, {1, 1}, {1, 1}, {1, 1}, 2, true},    // In groups.
};

graph::WindowGeometry geometry(const Case& c) {
  const Ints pads = {c.pads[0], c.pads[1], c.pads[0], c.pads[1]};
  const graph::Node node{"Conv", "c", {}, {}, {{"strides", c.strides}, {"pads", pads}, {"dilations", c.dilations}}};
  return graph::window_geometry(node, c.image, {c.weight[2], c.weight[3]});
}

at::Tensor leaf(const Ints& sizes) { return at::randn(sizes).to(at::kBFloat16).to(at::kFloat).requires_grad_(true); }

void expect_near(const at::Tensor& ours, const at::Tensor& theirs, const char* what) {
  ASSERT_TRUE(ours.defined()) << what;
  ASSERT_EQ(ours.sizes(), theirs.sizes()) << what;
  EXPECT_EQ(ours.scalar_type(), at::kFloat) << what;
  const double scale = theirs.abs().max().item<double>();
  EXPECT_LE((ours.to(at::kDouble) - theirs).abs().max().item<double>(), 0.006 * scale) << what;
}

TEST(Convolution, HasTheSameGradientsAsLibtorch) {
  if (!has_bf16_products()) GTEST_SKIP() << "without AVX-512, libtorch's own gradients in bfloat16 are inexact";
  for (const Case& c : kCases) {
    SCOPED_TRACE(::testing::PrintToString(c.image) + ::testing::PrintToString(c.weight));
    at::manual_seed(1);
    at::Tensor x = leaf(c.image);
    const at::Tensor weight = leaf(c.weight);
    const auto bias = c.bias ? c10::make_optional(leaf({c.weight[0]})) : c10::nullopt;
    const at::Tensor laid = c.channels_last ? x.contiguous(at::MemoryFormat::ChannelsLast) : x;
    at::Tensor y;
    {
      const AutocastBf16 autocast(true, false);
      y = convolve(laid, weight, bias, geometry(c), c.groups);
    }
    const at::Tensor wanted = at::randn(y.sizes()).to(at::kBFloat16);
    y.backward(wanted);

    const auto exact = [](const at::Tensor& t) { return t.detach().to(at::kDouble).requires_grad_(true); };
    const at::Tensor x2 = exact(x), weight2 = exact(weight);
    const auto bias2 = bias ? c10::make_optional(exact(*bias)) : c10::nullopt;
    const at::Tensor y2 = at::conv2d(x2, weight2, bias2, c.strides, c.pads, c.dilations, c.groups);
    y2.backward(wanted.to(at::kDouble));

    expect_near(y.to(at::kFloat), y2, "result");
    expect_near(x.grad(), x2.grad(), "gradient of x");
    expect_near(weight.grad(), weight2.grad(), "gradient of the weights");
    if (bias) expect_near(bias->grad(), bias2->grad(), "gradient of the bias");
  }
}

TEST(Convolution, ComputesOnlyRequiredGradients) {
  const Case c{{70, 3, 4, 4}, {16, 3, 1, 1}, {1, 1}, {0, 0}, {1, 1}};
  const at::Tensor x = at::randn(c.image), weight = leaf(c.weight);
  const AutocastBf16 autocast(true, false);
  convolve(x, weight, c10::nullopt, geometry(c), 1).sum().backward();
  EXPECT_FALSE(x.grad().defined());
  EXPECT_TRUE(weight.grad().defined());
  EXPECT_FALSE(convolve(x, weight.detach(), c10::nullopt, geometry(c), 1).requires_grad());
}

}  // namespace
}  // namespace einet::train
