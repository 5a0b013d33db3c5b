#include "graph/insertion/meeting_points.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "graph/graph.h"

namespace einet::graph {
namespace {

using Names = std::vector<std::string>;

Node node(const std::string& name, Names inputs, const std::string& op = "Add") {
  return {op, name, std::move(inputs), {name}, {}};
}

Graph make(std::vector<Node> nodes) {
  Graph graph;
  graph.inputs = {{"in", {-1, 1}}};
  graph.outputs = {nodes.back().name};
  graph.nodes = std::move(nodes);
  return graph;
}

Names meeting(const Graph& graph) {
  Names names;
  for (const int i : meeting_points(graph, graph.outputs.front())) names.push_back(graph.nodes[i].name);
  return names;
}

TEST(MeetingPoints, AreAllNodesOfAChain) {
  EXPECT_EQ(meeting(make({node("a", {"in"}), node("b", {"a"}), node("c", {"b"})})), (Names{"a", "b", "c"}));
}

TEST(MeetingPoints, ExcludeTheInsideOfAUnit) {
  // a -> (b -> c), (shortcut) -> sum -> d; the dead node and the constant do not count.
  const Graph graph = make({node("a", {"in"}), node("b", {"a"}), node("dead", {"a"}), node("shortcut", {"a"}),
                            node("c", {"b"}), node("sum", {"c", "shortcut"}), node("d", {"sum", "constant"})});
  EXPECT_EQ(meeting(graph), (Names{"a", "sum", "d"}));
}

TEST(MeetingPoints, TreatASqueezeAndExciteModuleAsOnePart) {
  const Graph graph = make({node("conv", {"in"}, "Conv"), node("pool", {"conv"}, "GlobalAveragePool"),
                            node("gate", {"pool"}, "Sigmoid"), node("scaled", {"conv", "gate"}, "Mul")});
  EXPECT_EQ(meeting(graph), (Names{"conv", "scaled"}));
}

TEST(MeetingPoints, NestConcatenationsWithACommonPrefix) {
  // A dense block as written by exporters: each layer reads a new concatenation of all earlier results.
  const Graph graph = make({node("x0", {"in"}), node("x1", {"x0"}), node("cat1", {"x0", "x1"}, "Concat"),
                            node("x2", {"cat1"}), node("cat2", {"x0", "x1", "x2"}, "Concat"), node("x3", {"cat2"}),
                            node("cat3", {"x0", "x1", "x2", "x3"}, "Concat"), node("end", {"cat3"})});
  EXPECT_EQ(meeting(graph), (Names{"x0", "cat1", "cat2", "cat3", "end"}));
  // With another order, they do not contain each other's results.
  Graph other = graph;
  other.nodes[4].inputs = {"x2", "x0", "x1"};
  EXPECT_EQ(meeting(other), (Names{"x0", "cat3", "end"}));
}

TEST(MeetingPoints, DoNotExistInTwoTowers) {
  EXPECT_EQ(meeting(make({node("a", {"in"}), node("b", {"in"}), node("join", {"a", "b"})})), Names{"join"});
}

/// Whether there is a path from the input to the output that avoids `closed`.
bool leads_around(const Graph& graph, int closed) {
  std::vector<std::string> reached = {"in"};
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
    if (i == closed) continue;
    const auto& inputs = graph.nodes[i].inputs;
    if (std::ranges::any_of(inputs, [&](const auto& v) { return std::ranges::find(reached, v) != reached.end(); })) {
      reached.push_back(graph.nodes[i].name);
    }
  }
  return std::ranges::find(reached, graph.outputs.front()) != reached.end();
}

TEST(MeetingPoints, AreOnEveryPath) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Node> nodes;
    Names values = {"in"};
    const int count = 1 + static_cast<int>(random() % 12);
    for (int i = 0; i < count; ++i) {
      Names inputs;
      for (int k = 1 + static_cast<int>(random() % 2); k > 0; --k) {
        const std::size_t back = random() % std::min<std::size_t>(values.size(), 3);
        inputs.push_back(values[values.size() - 1 - back]);
      }
      nodes.push_back(node(std::string("n").append(std::to_string(i)), inputs));
      values.push_back(nodes.back().name);
    }
    const Graph graph = make(std::move(nodes));
    const std::vector<int> points = meeting_points(graph, graph.outputs.front());
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(std::ranges::find(points, i) != points.end(), !leads_around(graph, i)) << round << " " << i;
    }
  }
}

}  // namespace
}  // namespace einet::graph
