#include "graph/open_batch.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "graph/networks.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

using Ints = std::vector<std::int64_t>;

/// The network with a fixed batch size of 1, as written by an exporter that was given one image.
Graph with_a_batch_of_1(Graph graph) {
  graph.inputs[0].shape[0] = 1;
  const Shapes shapes = infer_shapes(graph, 1);
  for (const Node& node : graph.nodes) {
    if (node.op == "Reshape") {
      const Shape& shape = shapes.at(node.outputs[0]);
      graph.initializers[node.inputs[1]] = Tensor({static_cast<std::int64_t>(shape.size())}, shape);
    }
  }
  return graph;
}

TEST(OpenBatch, DoesNotChangeAnOpenNetwork) {
  EXPECT_EQ(open_batch(small_network()).inputs[0].shape, (Shape{-1, 3, 16, 16}));
}

TEST(OpenBatch, RestoresTheShapesOfTheOpenNetwork) {
  for (const Graph& graph : {small_network(), token_network(), channels_last_network()}) {
    const Graph opened = open_batch(with_a_batch_of_1(graph));
    EXPECT_EQ(opened.inputs[0].shape[0], -1);
    const Shapes expected = infer_shapes(graph, 5), found = infer_shapes(opened, 5);
    for (const Node& node : graph.nodes) {
      EXPECT_EQ(found.at(node.outputs[0]), expected.at(node.outputs[0])) << node.name;
    }
  }
}

// PyTorch's attention: tokens first, then batch and heads in one dimension.
TEST(OpenBatch, FollowsTheBatchIntoOtherDimensions) {
  Transformer t;
  t.graph.inputs = {{"x", {1, 6, 8}}};
  const std::string tokens_first = t.transpose("x", "tokens first", {1, 0, 2});
  const std::string rows = t.node("Reshape", "rows", {tokens_first, t.ints({6, 8})});
  const std::string products = t.node("Gemm", "products", {rows, t.weight({8, 8})});
  const std::string tokens = t.node("Reshape", "tokens", {products, t.ints({6, 1, 8})});
  const std::string heads = t.node("Reshape", "heads", {tokens, t.ints({6, 2, 4})});
  const std::string heads_first = t.transpose(heads, "heads first", {1, 0, 2});
  const std::string scores = t.node("MatMul", "scores", {heads_first, t.transpose(heads, "keys", {1, 2, 0})});
  const std::string mixed = t.node("MatMul", "mixed", {scores, heads_first});
  const std::string out = t.node("Reshape", "out", {t.transpose(mixed, "back", {1, 0, 2}), t.ints({6, 8})});
  const std::string joined = t.node("Reshape", "joined", {out, t.ints({6, -1, 8})});
  t.graph.outputs = {t.node("ReduceMean", "y", {joined}, {{"axes", Ints{0}}, {"keepdims", std::int64_t{0}}})};
  const Shapes shapes = infer_shapes(open_batch(t.graph), 5);
  EXPECT_EQ(shapes.at("rows"), (Shape{30, 8}));
  EXPECT_EQ(shapes.at("tokens"), (Shape{6, 5, 8}));
  EXPECT_EQ(shapes.at("heads"), (Shape{6, 10, 4}));
  EXPECT_EQ(shapes.at("scores"), (Shape{10, 6, 6}));
  EXPECT_EQ(shapes.at("out"), (Shape{30, 8}));
  EXPECT_EQ(shapes.at("joined"), (Shape{6, 5, 8}));
  EXPECT_EQ(shapes.at("y"), (Shape{5, 8}));
}

TEST(OpenBatch, RejectsNetworksForOneSizeOnly) {
  Transformer t;
  t.graph.inputs = {{"x", {2, 6}}};
  t.graph.outputs = {t.node("Add", "sum", {"x", t.weight({2, 6})})};
  expect_error(ErrorKind::kUnsupported, "supports only batches of 2: node 'sum' (Add)", [&] { open_batch(t.graph); });
  t.graph.nodes[0] = {"ReduceMean", "mean", {"x"}, {"sum"}, {{"axes", Ints{0}}}};
  expect_error(ErrorKind::kUnsupported, "node 'mean' (ReduceMean): supports only one batch size",
               [&] { open_batch(t.graph); });
}

}  // namespace
}  // namespace einet::graph
