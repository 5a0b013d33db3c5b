#include <gtest/gtest.h>

#include <set>

#include "expect_error.h"
#include "graph/branch.h"
#include "graph/cost.h"
#include "graph/insertion.h"
#include "graph/insertion/convolutional_networks.h"
#include "graph/networks.h"
#include "graph/partition.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

using Names = std::vector<std::string>;

TEST(InsertExits, KeepsTheNetworkAndAddsBranches) {
  for (const Graph& graph : {residual_network(), dense_network()}) {
    const std::vector<NewExit> exits = plan_exits(graph, {});
    const Graph whole = insert_exits(graph, exits, 1);
    ASSERT_EQ(whole.outputs.size(), exits.size() + 1);
    EXPECT_EQ(whole.outputs.front(), "exit1");
    EXPECT_EQ(whole.outputs.back(), graph.outputs.front());
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      EXPECT_EQ(whole.nodes[i].name, graph.nodes[i].name);
      EXPECT_EQ(whole.nodes[i].inputs, graph.nodes[i].inputs);
    }
    for (const auto& [name, tensor] : graph.initializers) EXPECT_EQ(whole.initializers.at(name).data, tensor.data);
    const std::vector<Block> blocks = partition(whole);
    const std::vector<BlockCost> costs = block_costs(whole, blocks);
    std::int64_t before = 0;
    for (std::size_t i = 0; i < exits.size(); ++i) {
      before += costs[i].conv_macs;
      EXPECT_EQ(blocks[i].output, whole.outputs[i]);
      EXPECT_EQ(before, exits[i].place.macs_before);
      EXPECT_EQ(costs[i].branch_macs, exits[i].branch_macs);
      EXPECT_EQ(costs[i].branch_parameters, exits[i].branch_parameters);
    }
    EXPECT_EQ(costs.back().branch_macs, exits.back().place.macs_after);
  }
}

TEST(InsertExits, PoolsTokensAndChannelsLastMaps) {
  for (const Graph& graph : {token_network(), channels_last_network()}) {
    const std::vector<NewExit> exits = plan_exits(graph, {.max_branch_share = 0.2});
    ASSERT_GE(exits.size(), 2u);
    const Graph whole = insert_exits(graph, exits, 1);
    const Shapes shapes = infer_shapes(whole, 3);
    for (std::size_t i = 0; i < exits.size(); ++i) {
      const std::string name = "exit" + std::to_string(i + 1);
      EXPECT_EQ(exits[i].branch.convolutions, 0);
      EXPECT_EQ(shapes.at(name + ".mean"), (Shape{3, 8})) << graph.name;
      EXPECT_EQ(shapes.at(name), (Shape{3, 4}));
    }
    EXPECT_EQ(partition(whole).back().output, "logits");
  }
}

TEST(InsertExits, PoolsMapsWithoutConvolutions) {
  const Graph graph = residual_network();
  const auto exits = plan_exits(graph, {.exits = 3, .convolutions = 0});
  const Graph whole = insert_exits(graph, exits, 1);
  EXPECT_EQ(infer_shapes(whole, 1).at("exit1.mean"), (Shape{1, exits[0].place.shape[0]}));
}

TEST(InsertExits, AvoidsNamesInUse) {
  const Graph graph = residual_network("exit1");
  const Graph whole = insert_exits(graph, plan_exits(graph, {.exits = 3}), 1);
  EXPECT_EQ(whole.outputs, (Names{"exit1", "exit2", "exit3"}));
  EXPECT_EQ(partition(whole).back().output, "exit3");
}

TEST(InsertExits, SupportsImagesOfAllSizes) {
  for (const auto& [height, width] : std::vector<std::pair<int, int>>{{1, 1}, {1, 8}, {8, 8}, {5, 64}, {224, 224}}) {
    for (const int convolutions : {0, 2}) {
      Builder net("image", 1, height, width, 1);
      const BranchShape branch{.convolutions = convolutions, .fully_connected = 1, .channels = 4, .pixels = 16};
      net.exit(append_branch(net, net.input(), 10, branch, "exit"));
      const Graph graph = std::move(net).build();
      EXPECT_EQ(infer_shapes(graph, 2).at("exit1"), (Shape{2, 10})) << height << "x" << width;
      // Pooling bounds the cost, whatever the image's size.
      EXPECT_LT(block_costs(graph, partition(graph)).front().branch_macs, 60000);
    }
  }
}

TEST(InsertExits, AddsExitsBetweenExistingOnes) {
  Graph before = residual_network();
  before = insert_exits(before, plan_exits(before, {.after = {"unit1.relu", "pool"}}), 1);
  before.untrained.clear();
  const auto exits = plan_exits(before, {.after = {"unit2.relu"}, .input_exits = 2});
  EXPECT_EQ(exit_numbers(before, exits), (std::vector<int>{1, 2, 4}));
  const Graph after = insert_exits(before, exits, 2);
  EXPECT_EQ(after.outputs, (Names{"exit1", "exit2", "exit3", "exit4", "exit5", "logits"}));
  EXPECT_EQ(after.untrained, (std::set<std::string>{"exit1", "exit2", "exit4"}));
  const std::vector<Block> blocks = partition(after);
  for (std::size_t i = 0; i < blocks.size(); ++i) EXPECT_EQ(blocks[i].output, after.outputs[i]);
  EXPECT_TRUE(blocks[0].conv_part.empty());
  EXPECT_TRUE(blocks[1].conv_part.empty());
  for (const auto& [name, tensor] : before.initializers) {
    std::string now = name;
    if (name.starts_with("exit1.")) now.replace(0, 5, "exit3");
    if (name.starts_with("exit2.")) now.replace(0, 5, "exit5");
    EXPECT_EQ(after.initializers.at(now).data, tensor.data) << name;
  }
  expect_error(ErrorKind::kInvalidData, "has 3 exits already", [&] { plan_exits(before, {}); });
}

TEST(InsertExits, TheSeedDeterminesTheWeights) {
  const Graph graph = residual_network();
  const auto exits = plan_exits(graph, {.exits = 2});
  const auto weights = [&](std::uint64_t seed) {
    return insert_exits(graph, exits, seed).initializers.at("exit1.fc.weight").floats();
  };
  EXPECT_EQ(weights(1), weights(1));
  EXPECT_NE(weights(1), weights(2));
}

}  // namespace
}  // namespace einet::graph
