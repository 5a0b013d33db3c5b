#include <algorithm>

#include "expect_error.h"
#include "zoo/network_cost.h"

namespace einet::zoo {
namespace {

// 32 -> 16 -> 8 -> 4 -> 2 -> 1; 313 M multiply-accumulates in the convolutions, as published for 32x32 images.
TEST(Vgg, TheTrunkIsVgg16) {
  const auto cost = sum(costs_of(build("vgg16-classic", {.seed = std::nullopt})));
  const std::int64_t weights =
      9 * (3 * 64 + 64 * 64 + 64 * 128 + 128 * 128 + 128 * 256 + 2 * 256 * 256 + 256 * 512 + 5 * 512 * 512);
  const std::int64_t normalizations = 2 * (2 * 64 + 2 * 128 + 3 * 256 + 6 * 512);
  const std::int64_t head = 512 * 512 + 512 + 512 * 10 + 10;
  EXPECT_EQ(weights, 14710464);
  EXPECT_EQ(parameters(cost), weights + normalizations + head);
  const std::int64_t convolutions = 1024 * 9 * (3 * 64 + 64 * 64) + 256 * 9 * (64 * 128 + 128 * 128) +
                                    64 * 9 * (128 * 256 + 2 * 256 * 256) + 16 * 9 * (256 * 512 + 2 * 512 * 512) +
                                    4 * 9 * 3 * 512 * 512;
  EXPECT_EQ(macs(cost), convolutions + 512 * 512 + 512 * 10);
  EXPECT_NEAR(static_cast<double>(convolutions), 313e6, 1e6);
}

TEST(Vgg, AnExitAfterEveryConvolution) {
  const auto costs = costs_of(build("vgg16", {.seed = std::nullopt}));
  ASSERT_EQ(costs.size(), 14u);
  // First: 64 maps of 32x32 -> pooled to 8x8 -> 64 maps of 4x4 -> 128 -> 10.
  EXPECT_EQ(costs[0].conv_macs, 1024 * 9 * 3 * 64);
  EXPECT_EQ(costs[0].branch_macs, 16 * 9 * 64 * 64 + 1024 * 128 + 128 * 10);
  EXPECT_EQ(costs[1].conv_macs, 1024 * 9 * 64 * 64);
  // 13th: 512 values -> 64 by a 1x1 convolution -> 128 -> 10.
  EXPECT_EQ(costs[12].branch_macs, 512 * 64 + 64 * 128 + 128 * 10);
  EXPECT_EQ(costs[13].conv_macs, 0);
}

TEST(Vgg, AnExitAfterEveryPooling) {
  const auto costs = costs_of(build("flexvgg16", {.seed = std::nullopt}));
  ASSERT_EQ(costs.size(), 5u);
  EXPECT_EQ(costs[0].conv_macs, 1024 * 9 * (3 * 64 + 64 * 64));
  EXPECT_EQ(costs[3].conv_macs, 16 * 9 * (256 * 512 + 2 * 512 * 512));
}

TEST(Vgg, RejectsInvalidOptions) {
  expect_error(ErrorKind::kUsage, "at least 17x17", [] { build("vgg16", {.height = 16, .width = 16}); });
  expect_error(ErrorKind::kUsage, "'conv' or 'pool' or 'last' expected", [] {
    build("vgg16", {.parameters = {{"exits", "all"}}});
  });
  EXPECT_EQ(build("vgg16-small", {.height = 17, .width = 17, .seed = std::nullopt}).outputs.size(), 14u);
}

}  // namespace
}  // namespace einet::zoo
