#include <algorithm>

#include "expect_error.h"
#include "zoo/network_cost.h"

namespace einet::zoo {
namespace {

using Parameters = std::map<std::string, std::string>;

NetworkOptions with(Parameters parameters, int classes = 10) {
  return {.classes = classes, .parameters = std::move(parameters)};
}

void expect_within(double actual, double published, double share) { EXPECT_NEAR(actual, published, share * published); }

// The published 15 M and 6 M to the first exit count whole layers. Here the finer scales of the last of these layers,
// which no classifier needs yet, belong to the second block: 13.2 M and 4.5 M are executed before the first answer.
TEST(MsdNet, Msdnet21HasThePublishedCosts) {
  const graph::Graph graph = build("msdnet21-stock", {});
  expect_within(graph::macs_as_built(graph, "exit1"), 15e6, 0.02);
  const std::vector<graph::BlockCost> costs = costs_of(graph);
  ASSERT_EQ(costs.size(), 21u);
  EXPECT_LT(macs(costs[0]), 15e6);
  expect_within(macs(sum(costs)), 367e6, 0.02);
  expect_within(parameters(sum(costs_of(build("msdnet21-stock", {.classes = 100})))), 14.8e6, 0.02);
}

TEST(MsdNet, Msdnet40HasThePublishedCosts) {
  const std::vector<graph::BlockCost> costs = costs_of(build("msdnet40-stock", {.classes = 100}));
  ASSERT_EQ(costs.size(), 40u);
  expect_within(macs(sum(costs)), 438e6, 0.02);
  expect_within(parameters(sum(costs)), 23.4e6, 0.02);
  expect_within(sum(costs).branch_macs, 0.61 * macs(sum(costs)), 0.02);
}

// One block of one layer by hand: 8 channels, growth 4, three scales of 28, 14 and 7 pixels.
TEST(MsdNet, SmallestNetworkByHand) {
  const Parameters small = {{"blocks", "1"}, {"base", "1"}, {"channels", "8"}, {"growth", "4"}};
  NetworkOptions options = with(small);
  options.channels = 1;
  options.height = options.width = 28;
  const std::vector<graph::BlockCost> costs = costs_of(build("msdnet", options));
  ASSERT_EQ(costs.size(), 1u);
  const std::int64_t first = 784 * 9 * 1 * 8 + 196 * 9 * 8 * 16 + 49 * 9 * 16 * 32;
  // Coarsest scale of the layer: from the middle one (1x1 to min(16, 2x8) at 14x14, 3x3 stride 2 to 8) and from
  // itself (1x1 to min(32, 4x8), 3x3 to 8).
  const std::int64_t layer = 196 * 16 * 16 + 49 * 9 * 16 * 8 + 49 * 32 * 32 + 49 * 9 * 32 * 8;
  // 32 + 16 channels at 7x7 -> 16 at 4x4 -> 32 units -> 10.
  const std::int64_t branch = 16 * 9 * 48 * 16 + 256 * 32 + 32 * 10;
  EXPECT_EQ(macs(costs[0]), first + layer + branch);
}

// Layers 1..3 of 9 keep three scales, 4..6 two, 7..9 one; transitions follow layers 4 and 7.
TEST(MsdNet, DropsAScaleAfterEachThird) {
  const graph::Graph graph = build("msdnet", with({{"blocks", "9"}, {"base", "1"}, {"step", "1"}}));
  const auto has = [&](const std::string& name) {
    return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                       [&](const graph::Node& node) { return node.name.starts_with(name); });
  };
  for (int layer = 1; layer <= 9; ++layer) {
    const std::string name = "layer" + std::to_string(layer);
    EXPECT_EQ(has(name + ".scale0"), layer <= 3) << layer;
    EXPECT_EQ(has(name + ".scale1"), layer <= 6) << layer;
    EXPECT_TRUE(has(name + ".scale2")) << layer;
    EXPECT_EQ(has(name + ".scale2.transition"), layer == 4 || layer == 7) << layer;
  }
}

TEST(MsdNet, DefaultBranchesAreASmallShare) {
  for (const char* growth : {"4", "6", "8"}) {
    const Parameters small = {{"blocks", "14"}, {"base", "2"}, {"step", "1"}, {"channels", "8"}, {"growth", growth}};
    const graph::BlockCost total = sum(costs_of(build("msdnet", with(small))));
    const double share = static_cast<double>(total.branch_macs) / static_cast<double>(macs(total));
    EXPECT_GT(share, 0.10) << growth;
    EXPECT_LT(share, 0.30) << growth;
  }
}

TEST(MsdNet, OptionsChangeTheNetwork) {
  const auto cost = [](Parameters parameters) {
    parameters.insert({{"blocks", "6"}, {"base", "1"}, {"step", "1"}});
    return sum(costs_of(build("msdnet", with(parameters))));
  };
  const graph::BlockCost plain = cost({});
  EXPECT_NE(macs(cost({{"bottleneck", "off"}})), macs(plain));
  EXPECT_GT(macs(cost({{"reduction", "1"}})), macs(plain));
  EXPECT_NE(macs(cost({{"scales", "2"}})), macs(plain));
  EXPECT_GT(cost({{"branch_channels", "64"}}).branch_macs, plain.branch_macs);
  EXPECT_GT(cost({{"branch_hidden", "512"}}).branch_macs, plain.branch_macs);
  EXPECT_GT(cost({{"branch", "stock"}}).branch_parameters, plain.branch_parameters);
}

// Figure 13: a branch with 1 to 3 convolutions and 1 to 3 fully connected layers.
TEST(MsdNet, BranchParametersSetTheLayers) {
  for (int convolutions = 1; convolutions <= 3; ++convolutions) {
    for (int layers = 1; layers <= 3; ++layers) {
      const graph::Graph graph = build("msdnet", with({{"blocks", "2"},
                                                       {"base", "1"},
                                                       {"step", "1"},
                                                       {"branch_convs", std::to_string(convolutions)},
                                                       {"branch_fcs", std::to_string(layers)}}));
      const auto count = [&](const std::string& op) {
        return std::count_if(graph.nodes.begin(), graph.nodes.end(), [&](const graph::Node& node) {
          return node.op == op && node.name.starts_with("branch1.");
        });
      };
      EXPECT_EQ(count("Conv"), convolutions);
      EXPECT_EQ(count("Gemm"), layers);
    }
  }
}

TEST(MsdNet, WidthScalesChannelsAndGrowth) {
  const auto size = [](Parameters given) {
    given.insert({{"blocks", "3"}, {"base", "1"}, {"step", "1"}});
    return parameters(sum(costs_of(build("msdnet", with(given)))));
  };
  EXPECT_EQ(size({{"width", "0.5"}}), size({{"channels", "8"}, {"growth", "3"}}));
}

TEST(MsdNet, AcceptsImagesOfManySizes) {
  for (const int side : {5, 8, 27, 28, 32, 45}) {
    NetworkOptions options = with({{"blocks", "7"}, {"base", "1"}, {"step", "1"}, {"channels", "4"}}, 3);
    options.height = side;
    options.width = side + 2;
    const graph::Graph graph = build("msdnet", options);
    const graph::Shapes shapes = graph::infer_shapes(graph, 2);
    ASSERT_EQ(graph.outputs.size(), 7u);
    for (const std::string& output : graph.outputs) EXPECT_EQ(shapes.at(output), (graph::Shape{2, 3}));
  }
  expect_error(ErrorKind::kUsage, "side 4 are too small", [] { build("msdnet", {.height = 4}); });
}

}  // namespace
}  // namespace einet::zoo
