#include <gtest/gtest.h>

#include "zoo/network_cost.h"

namespace einet::zoo {
namespace {

// The well-known count of ResNet-50 with a 3x3 stem and ten classes.
TEST(Resnet, TheTrunkIsResnet50) {
  const auto cost = sum(costs_of(build("resnet50-classic", {.seed = std::nullopt})));
  EXPECT_EQ(parameters(cost), 23520842);
  EXPECT_NEAR(static_cast<double>(macs(cost)), 1.298e9, 1e6);
}

TEST(Resnet, FirstUnitByHand) {
  const auto costs = costs_of(build("resnet50", {.seed = std::nullopt, .parameters = {{"exits", "units"}}}));
  ASSERT_EQ(costs.size(), 17u);
  EXPECT_EQ(costs[0].conv_macs, 1024 * 9 * 3 * 64);
  // 64 -> 64 -> 64 -> 256, and 64 -> 256 around it.
  EXPECT_EQ(costs[1].conv_macs, 1024 * (64 * 64 + 9 * 64 * 64 + 64 * 256 + 64 * 256));
  EXPECT_EQ(costs[2].conv_macs, 1024 * (256 * 64 + 9 * 64 * 64 + 64 * 256));
  // The first unit of the second stage: 1x1 at 32x32, 3x3 and the shortcut with stride 2.
  EXPECT_EQ(costs[4].conv_macs, 1024 * 256 * 128 + 256 * (9 * 128 * 128 + 128 * 512 + 256 * 512));
}

TEST(Resnet, PlacesSixExits) {
  const auto six = costs_of(build("resnet50", {.seed = std::nullopt}));
  const auto units = costs_of(build("resnet50", {.seed = std::nullopt, .parameters = {{"exits", "units"}}}));
  ASSERT_EQ(six.size(), 6u);
  const int ends[] = {0, 3, 7, 10, 13};
  int unit = 0;
  for (int exit = 0; exit < 5; ++exit) {
    std::int64_t part = 0;
    for (; unit <= ends[exit]; ++unit) part += units[unit].conv_macs;
    EXPECT_EQ(six[exit].conv_macs, part) << exit;
  }
  std::int64_t rest = six[5].branch_macs;
  for (; unit < 17; ++unit) rest -= units[unit].conv_macs;
  EXPECT_EQ(rest, units[16].branch_macs);
}

}  // namespace
}  // namespace einet::zoo
