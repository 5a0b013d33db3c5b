#include <algorithm>

#include "expect_error.h"
#include "zoo/network_cost.h"

namespace einet::zoo {
namespace {

TEST(BAlexNet, HasThePublishedSize) {
  const std::vector<graph::BlockCost> costs = costs_of(build("b-alexnet", {}));
  ASSERT_EQ(costs.size(), 3u);
  EXPECT_EQ(parameters(sum(costs)), 605886);
  EXPECT_EQ(costs[0].branch_parameters, 32842);
  EXPECT_EQ(costs[1].branch_parameters, 28970);
  // Published to three digits; computed by hand here. Convolution: positions x kernel^2 x in x out.
  EXPECT_EQ(costs[0].conv_macs, 1024 * 25 * 3 * 32 + 256 * 25 * 32 * 64);                       // 15.6 M
  EXPECT_EQ(costs[0].branch_macs, 64 * 9 * 64 * 32 + 64 * 9 * 32 * 32 + 512 * 10);              // 1.8 M
  EXPECT_EQ(costs[1].conv_macs, 64 * 9 * 64 * 96);                                              // 3.5 M
  EXPECT_EQ(costs[1].branch_macs, 16 * 9 * 96 * 32 + 128 * 10);                                 // 0.4 M
  EXPECT_EQ(macs(costs[2]), 64 * 9 * (96 * 96 + 96 * 64) + 1024 * 256 + 256 * 128 + 128 * 10);  // 9.1 M
}

TEST(BAlexNet, SupportsOtherImagesAndClasses) {
  const graph::Graph graph = build("b-alexnet", {.channels = 1, .height = 28, .width = 28, .classes = 100});
  const graph::Shapes shapes = graph::infer_shapes(graph, 3);
  for (const std::string& output : graph.outputs) EXPECT_EQ(shapes.at(output), (graph::Shape{3, 100}));
  expect_error(ErrorKind::kUsage, "at least 16x16", [] { build("b-alexnet", {.height = 8, .width = 8}); });
}

TEST(BAlexNet, WorksWithoutDropout) {
  const auto dropouts = [](const graph::Graph& graph) {
    return std::count_if(graph.nodes.begin(), graph.nodes.end(), [](const auto& node) { return node.op == "Dropout"; });
  };
  EXPECT_EQ(dropouts(build("b-alexnet", {})), 2);
  EXPECT_EQ(dropouts(build("b-alexnet", {.parameters = {{"dropout", "0"}}})), 0);
}

}  // namespace
}  // namespace einet::zoo
