#include "graph/graph.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace einet::graph {
namespace {

// x -> a -> b -> y, with a weight read by b.
Graph chain() {
  Graph graph;
  graph.name = "chain";
  graph.inputs = {{"x", {-1, 4}}};
  graph.outputs = {"y"};
  graph.nodes = {{"Relu", "first", {"x"}, {"a"}, {}},
                 {"Add", "second", {"a", "w"}, {"b"}, {}},
                 {"Identity", "third", {"b"}, {"y"}, {}}};
  graph.initializers["w"] = Tensor({4}, std::vector<float>{1, 2, 3, 4});
  return graph;
}

TEST(Node, AttributesAreTyped) {
  const Node node{"LRN", "n", {}, {}, {{"size", std::int64_t{5}}, {"alpha", 0.5f}, {"mode", std::string("m")}}};
  EXPECT_EQ(node.attribute("size", std::int64_t{1}), 5);
  EXPECT_EQ(node.attribute("alpha", 1.0f), 0.5f);
  EXPECT_EQ(node.attribute("mode", "x"), "m");
  EXPECT_EQ(node.attribute("absent", std::vector<std::int64_t>{2, 3}), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(describe(node), "node 'n' (LRN)");
  expect_error(ErrorKind::kInvalidData, "node 'n' (LRN): attribute 'size' is not a float",
               [&] { node.attribute("size", 1.0f); });
}

TEST(Graph, FindsConstantsAndProducers) {
  const Graph graph = chain();
  graph.validate();
  ASSERT_NE(graph.constant("w"), nullptr);
  EXPECT_EQ(graph.constant("w")->floats()[3], 4.0f);
  EXPECT_EQ(graph.constant("x"), nullptr);
  const auto produced_by = producers(graph);
  EXPECT_EQ(produced_by.size(), 3u);
  EXPECT_EQ(produced_by.at("b"), 1);
}

TEST(Graph, ValidateNamesTheBrokenInvariant) {
  const auto broken = [](const std::string& message, auto&& damage) {
    Graph graph = chain();
    damage(graph);
    expect_error(ErrorKind::kInvalidData, message, [&] { graph.validate(); });
  };
  broken("has no input", [](Graph& g) { g.inputs.clear(); });
  broken("has no output", [](Graph& g) { g.outputs.clear(); });
  broken("output 'z': is produced by no node", [](Graph& g) { g.outputs = {"z"}; });
  broken("output 'x': is produced by no node", [](Graph& g) { g.outputs = {"x"}; });
  broken("output 'y': is declared twice", [](Graph& g) { g.outputs = {"y", "y"}; });
  broken("input 'x': is declared twice", [](Graph& g) { g.inputs.push_back(g.inputs[0]); });
  broken("input 'x': has no batch dimension", [](Graph& g) { g.inputs[0].shape = {}; });
  broken("input 'x': has the shape [4,N]", [](Graph& g) { g.inputs[0].shape = {4, -1}; });
  broken("value 'w': is both", [](Graph& g) { g.inputs.push_back({"w", {4}}); });
  broken("initializer 'w': has the shape [5] but 4 values", [](Graph& g) { g.initializers["w"].shape = {5}; });
  broken("node 'first' (Add): shares its name", [](Graph& g) { g.nodes[1].name = "first"; });
  broken("node 'second' (Add): reads 'q', which nothing before it", [](Graph& g) { g.nodes[1].inputs[0] = "q"; });
  broken("reads 'a', which nothing before it", [](Graph& g) { std::swap(g.nodes[0], g.nodes[1]); });
  broken("node 'second' (Add): produces 'a', which exists", [](Graph& g) { g.nodes[1].outputs[0] = "a"; });
  broken("produces 'w', which exists", [](Graph& g) { g.nodes[1].outputs[0] = "w"; });
  broken("node 'third' (Identity): has no output", [](Graph& g) { g.nodes[2].outputs.clear(); });
}

TEST(SortTopologically, PutsProducersFirstAndKeepsSortedOrder) {
  Graph graph = chain();
  std::swap(graph.nodes[0], graph.nodes[2]);
  sort_topologically(graph);
  EXPECT_EQ(graph.nodes[0].name, "first");
  EXPECT_EQ(graph.nodes[1].name, "second");
  EXPECT_EQ(graph.nodes[2].name, "third");
  graph.nodes.push_back({"Relu", "side", {"x"}, {"s"}, {}});
  sort_topologically(graph);
  EXPECT_EQ(graph.nodes[3].name, "side");  // It could run first, but was listed last.
}

TEST(SortTopologically, RejectsCyclesAndUnknownValues) {
  Graph cycle = chain();
  cycle.nodes[0].inputs = {"b"};
  expect_error(ErrorKind::kInvalidData, "node 'first' (Relu): is part of a cycle", [&] { sort_topologically(cycle); });
  Graph self = chain();
  self.nodes[1].inputs[1] = "b";
  expect_error(ErrorKind::kInvalidData, "node 'second' (Add): is part of a cycle", [&] { sort_topologically(self); });
  Graph unknown = chain();
  unknown.nodes[2].inputs = {"missing"};
  expect_error(ErrorKind::kInvalidData, "node 'third' (Identity): reads 'missing', which nothing produces",
               [&] { sort_topologically(unknown); });
}

}  // namespace
}  // namespace einet::graph
