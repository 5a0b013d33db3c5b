#include "graph/cost.h"

#include <gtest/gtest.h>

#include "graph/networks.h"

namespace einet::graph {
namespace {

TEST(Cost, SmallNetworkByHand) {
  const Graph graph = small_network();
  const auto costs = block_costs(graph, partition(graph));
  ASSERT_EQ(costs.size(), 2u);
  // Stem 3x3, 3 -> 8 channels, 16x16, and its batch norm; exit 1 reads 8 channels of 4x4.
  EXPECT_EQ(costs[0].conv_macs, 3 * 3 * 3 * 8 * 16 * 16);
  EXPECT_EQ(costs[0].conv_parameters, 3 * 3 * 3 * 8 + 2 * 8);
  EXPECT_EQ(costs[0].branch_macs, 8 * 4 * 4 * 10);
  EXPECT_EQ(costs[0].branch_parameters, 8 * 4 * 4 * 10 + 10);
  EXPECT_EQ(costs[1].conv_macs, 0);
  EXPECT_EQ(costs[1].conv_parameters, 0);
  // "left" 1x1 8 -> 8 and "right" 3x3 8 -> 4 with bias on 8x8, then 12 -> 12 -> 10; a dropout ratio is no parameter.
  EXPECT_EQ(costs[1].branch_macs, 8 * 8 * 8 * 8 + 3 * 3 * 8 * 4 * 8 * 8 + 12 * 12 + 12 * 10);
  EXPECT_EQ(costs[1].branch_parameters, 8 * 8 + 2 * 8 + (3 * 3 * 8 * 4 + 4) + (12 * 12 + 12) + (12 * 10 + 10));
}

TEST(Cost, GroupsTransposesAndBatches) {
  Graph graph;
  graph.inputs = {{"x", {-1, 4, 8, 8}}};
  graph.nodes = {{"Conv", "depthwise", {"x", "w"}, {"y"}, {{"group", std::int64_t{4}}}}};
  graph.outputs = {"y"};
  graph.initializers["w"] = Tensor({4, 1, 3, 3}, std::vector<float>(36));
  EXPECT_EQ(macs(graph.nodes[0], infer_shapes(graph, 1)), 4 * 9 * 6 * 6);
  EXPECT_EQ(macs(graph.nodes[0], infer_shapes(graph, 5)), 5 * 4 * 9 * 6 * 6);

  const Node transposed{"Gemm", "g", {"a", "b"}, {"c"}, {{"transA", std::int64_t{1}}}};
  EXPECT_EQ(macs(transposed, {{"a", {7, 2}}, {"b", {7, 3}}, {"c", {2, 3}}}), 2 * 3 * 7);
  const Node product{"MatMul", "m", {"a", "b"}, {"c"}, {}};
  EXPECT_EQ(macs(product, {{"a", {5, 2, 7}}, {"b", {7, 3}}, {"c", {5, 2, 3}}}), 5 * 2 * 3 * 7);
  EXPECT_EQ(macs({"Relu", "r", {"a"}, {"c"}, {}}, {{"a", {5}}, {"c", {5}}}), 0);
}

TEST(Cost, SharedWeightsCountOnce) {
  Graph graph;
  graph.inputs = {{"x", {-1, 4}}};
  graph.nodes = {{"MatMul", "m1", {"x", "w"}, {"e1"}, {}}, {"MatMul", "m2", {"e1", "w"}, {"e2"}, {}}};
  graph.outputs = {"e1", "e2"};
  graph.initializers["w"] = Tensor({4, 4}, std::vector<float>(16));
  const auto costs = block_costs(graph, partition(graph));
  EXPECT_EQ(costs[0].conv_parameters, 16);
  EXPECT_EQ(costs[1].branch_parameters, 0);
  EXPECT_EQ(costs[1].branch_macs, 16);
}

TEST(Cost, CountsTrainableConstants) {
  Graph graph;
  graph.name = "slopes";
  graph.inputs = {{"x", {-1, 3, 4, 4}}};
  graph.initializers.emplace("slope", Tensor({3, 1, 1}, std::vector<float>(3, 0.1f)));
  graph.initializers.emplace("factor", Tensor({3, 1, 1}, std::vector<float>(3, 2.0f)));
  graph.initializers.emplace("shift", Tensor({1}, std::vector<float>{1.0f}));
  graph.initializers.emplace("w", Tensor({48, 5}, std::vector<float>(240, 1.0f)));
  graph.nodes = {{"PRelu", "prelu", {"x", "slope"}, {"a"}, {}}, {"Mul", "mul", {"a", "factor"}, {"b"}, {}},
                 {"Sub", "sub", {"b", "factor"}, {"c"}, {}},    {"Add", "add", {"c", "shift"}, {"d"}, {}},
                 {"Flatten", "flatten", {"d"}, {"e"}, {}},      {"MatMul", "fc", {"e", "w"}, {"y"}, {}}};
  graph.outputs = {"y"};
  const auto costs = block_costs(graph, partition(graph));
  ASSERT_EQ(costs.size(), 1u);
  EXPECT_EQ(costs[0].conv_parameters + costs[0].branch_parameters, 3 + 1 + 240);
}

// As in ConvNeXt and ViT: scales and shifts of normalisations, position embeddings, layer scale.
TEST(Cost, CountsScalesAndShifts) {
  Graph graph;
  graph.name = "tokens";
  graph.inputs = {{"x", {-1, 4, 3}}};
  const auto constant = [&](const std::string& name, Shape shape) {
    const auto count = static_cast<std::size_t>(element_count(shape));
    graph.initializers.emplace(name, Tensor(std::move(shape), std::vector<float>(count, 1.0f)));
  };
  constant("mean", {3});
  constant("w", {3, 5});
  constant("positions", {4, 5});
  constant("scale", {5});
  constant("shift", {5});
  constant("gamma", {5});
  constant("three", {});
  constant("half", {1});
  graph.nodes = {
      {"Mul", "prepared", {"x", "mean"}, {"a"}, {}},
      {"MatMul", "embedded", {"a", "w"}, {"b"}, {}},
      {"Add", "placed", {"b", "positions"}, {"c"}, {}},
      {"LayerNormalization", "norm", {"c", "scale", "shift"}, {"d"}, {}},
      {"Mul", "scaled", {"gamma", "d"}, {"e"}, {}},
      {"Add", "three added", {"e", "three"}, {"f"}, {}},
      {"Mul", "halved", {"f", "half"}, {"g"}, {}},
      {"ReduceMean", "pooled", {"g"}, {"y"}, {{"axes", std::vector<std::int64_t>{1}}, {"keepdims", std::int64_t{0}}}}};
  graph.outputs = {"y"};
  EXPECT_EQ(trainable_weights(graph), (std::unordered_set<std::string>{"w", "positions", "scale", "shift", "gamma"}));
  const auto costs = block_costs(graph, partition(graph));
  EXPECT_EQ(costs[0].branch_parameters, 15 + 20 + 5 + 5 + 5);
}

}  // namespace
}  // namespace einet::graph
