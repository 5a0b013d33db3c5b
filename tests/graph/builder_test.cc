#include "graph/builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "expect_error.h"
#include "graph/networks.h"

namespace einet::graph {
namespace {

TEST(Builder, BuildsAValidGraph) {
  const Graph graph = small_network();
  EXPECT_EQ(graph.inputs[0].name, "input");
  EXPECT_EQ(graph.inputs[0].shape, (Shape{-1, 3, 16, 16}));
  EXPECT_EQ(graph.outputs, (std::vector<std::string>{"exit1", "exit2"}));
  EXPECT_EQ(graph.nodes.front().name, "stem.conv");
  EXPECT_EQ(graph.nodes.back().name, "fc2");
  EXPECT_EQ(graph.nodes.back().outputs.front(), "exit2");
  EXPECT_EQ(graph.initializers.at("fc1.weight").shape, (Shape{12, 12}));
}

TEST(Builder, InfersShapes) {
  Builder b("b", 3, 32, 32, 1);
  EXPECT_EQ(b.shape(b.input()), (Shape{3, 32, 32}));
  const std::string x = b.conv(b.input(), 8, {.kernel = 5, .stride = 2, .padding = 2}, "c");
  EXPECT_EQ(b.shape(x), (Shape{8, 16, 16}));
  EXPECT_EQ(b.shape(b.flatten(x, "f")), (Shape{2048}));
  expect_error(ErrorKind::kInvalidData, "value 'q': has not been built", [&] { b.shape("q"); });
}

TEST(Builder, TheSeedDeterminesTheNetwork) {
  const Graph a = small_network(7), same = small_network(7), other = small_network(8);
  for (const auto& [name, tensor] : a.initializers) {
    EXPECT_EQ(tensor.data, same.initializers.at(name).data) << name;
  }
  EXPECT_NE(a.initializers.at("stem.conv.weight").data, other.initializers.at("stem.conv.weight").data);
}

TEST(Builder, DrawsWeightsAsDocumented) {
  Builder b("b", 16, 8, 8, 3);
  const std::string x = b.conv(b.input(), 64, {}, "c", true);
  b.exit(b.linear(b.flatten(x, "f"), 32, "fc"));
  const Graph graph = std::move(b).build();
  const auto& conv = graph.initializers.at("c.weight").floats();
  double sum = 0.0, squares = 0.0;
  for (const float value : conv) {
    sum += value;
    squares += double{value} * value;
  }
  const double count = static_cast<double>(conv.size());
  const double expected = std::sqrt(2.0 / (3 * 3 * 64));
  EXPECT_NEAR(std::sqrt(squares / count), expected, 0.05 * expected);
  EXPECT_NEAR(sum / count, 0.0, 5 * expected / std::sqrt(count));
  for (const float value : graph.initializers.at("c.bias").floats()) EXPECT_EQ(value, 0.0f);
  const float bound = 1.0f / std::sqrt(4096.0f);
  const auto [least, most] = std::ranges::minmax(graph.initializers.at("fc.weight").floats());
  EXPECT_GE(least, -bound);
  EXPECT_LE(most, bound);
  EXPECT_GT(most, 0.99f * bound);
}

TEST(Builder, OtherNodesMayReadAnExit) {
  Builder b("b", 3, 8, 8, 1);
  const std::string first = b.linear(b.flatten(b.input(), "f"), 4, "fc1");
  b.exit(first);
  b.exit(b.linear(b.relu(first, "r"), 4, "fc2"));
  const Graph graph = std::move(b).build();
  EXPECT_EQ(graph.nodes[2].inputs.front(), "exit1");
}

TEST(Builder, TheSameValueCanBeTwoExits) {
  Builder b("b", 3, 8, 8, 1);
  const std::string x = b.linear(b.flatten(b.input(), "f"), 4, "fc1");
  b.exit(x);
  b.exit(x);
  const Graph graph = std::move(b).build();
  EXPECT_EQ(graph.outputs, (std::vector<std::string>{"exit1", "exit2"}));
}

TEST(Builder, RejectsInvalidLayers) {
  Builder b("b", 3, 8, 8, 1);
  b.relu(b.input(), "r");
  expect_error(ErrorKind::kInvalidData, "node 'r' (Relu): exists already", [&] { b.relu(b.input(), "r"); });
  expect_error(ErrorKind::kInvalidData, "value 'nowhere': has not been built", [&] { b.relu("nowhere", "q"); });
  expect_error(ErrorKind::kInvalidData, "has a window of 9 over",
               [&] { b.conv("r", 4, {.kernel = 9, .padding = 0}, "c"); });
  expect_error(ErrorKind::kInvalidData, "node 'l' (Gemm): needs two matrices", [&] { b.linear("r", 4, "l"); });
  expect_error(ErrorKind::kInvalidData, "graph 'b': has no output", [&] { std::move(b).build(); });
}

}  // namespace
}  // namespace einet::graph
