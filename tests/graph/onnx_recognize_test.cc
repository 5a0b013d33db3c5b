// Activations that exporters write as several nodes.

#include <gtest/gtest.h>

#include "graph/model_builder.h"
#include "graph/onnx_file.h"

namespace einet::graph {
namespace {

using Ops = std::vector<std::string>;

Graph parse(const ModelBuilder& builder) { return parse_onnx(builder.bytes(), "m.onnx"); }

Ops operators(const Graph& graph) {
  Ops result;
  for (const Node& node : graph.nodes) result.push_back(node.op);
  return result;
}

/// x -> Clip(x + 3, 0, 6) -> "clipped"; "six" and "sixth" are constants.
ModelBuilder clipped(float low = 0.0f) {
  ModelBuilder builder;
  builder.add_floats("three", {3.0f}, {});
  builder.add_floats("low", {low}, {});
  builder.add_floats("six", {6.0f}, {});
  builder.add_floats("sixth", {1.0f / 6.0f}, {});
  builder.add_node("Add", {"x", "three"}, "sum");
  builder.add_node("Clip", {"sum", "low", "six"}, "clipped");
  return builder;
}

TEST(Recognize, Swish) {
  for (const bool sigmoid_first : {true, false}) {
    ModelBuilder builder;
    builder.add_node("Sigmoid", {"x"}, "gate");
    builder.add_node("Mul", sigmoid_first ? Ops{"gate", "x"} : Ops{"x", "gate"}, "y");
    const Graph graph = parse(builder);
    ASSERT_EQ(operators(graph), Ops{"Swish"});
    EXPECT_EQ(graph.nodes[0].inputs, Ops{"x"});
    EXPECT_EQ(graph.nodes[0].attribute("alpha", 0.0f), 1.0f);
    EXPECT_EQ(operators(parse_onnx(format_onnx(graph), "saved.onnx")), Ops{"Swish"});
  }
}

TEST(Recognize, SwishWithAFactor) {
  ModelBuilder builder;
  builder.add_floats("factor", {1.702f}, {});
  builder.add_node("Mul", {"x", "factor"}, "scaled");
  builder.add_node("Sigmoid", {"scaled"}, "gate");
  builder.add_node("Mul", {"x", "gate"}, "y");
  const Graph graph = parse(builder);
  ASSERT_EQ(operators(graph), Ops{"Swish"});
  EXPECT_EQ(graph.nodes[0].attribute("alpha", 0.0f), 1.702f);
  const Graph again = parse_onnx(format_onnx(graph), "saved.onnx");
  ASSERT_EQ(operators(again), Ops{"Swish"});
  EXPECT_EQ(again.nodes[0].attribute("alpha", 0.0f), 1.702f);
}

TEST(Recognize, SwishOfOpset24) {
  ModelBuilder builder(24);
  add_attribute(builder.add_node("Swish", {"x"}, "y"), "alpha", 2.0f);
  const Graph graph = parse(builder);
  ASSERT_EQ(operators(graph), Ops{"Swish"});
  EXPECT_EQ(graph.nodes[0].attribute("alpha", 0.0f), 2.0f);
}

/// A gate that something else reads, or that multiplies another value, stays.
TEST(Recognize, OtherGatesStay) {
  ModelBuilder read_twice;
  read_twice.add_node("Sigmoid", {"x"}, "gate");
  read_twice.add_node("Mul", {"x", "gate"}, "product");
  read_twice.add_node("Add", {"product", "gate"}, "y");
  EXPECT_EQ(operators(parse(read_twice)), (Ops{"Sigmoid", "Mul", "Add"}));

  ModelBuilder other_value;
  other_value.add_node("Relu", {"x"}, "relu");
  other_value.add_node("Sigmoid", {"x"}, "gate");
  other_value.add_node("Mul", {"relu", "gate"}, "y");
  EXPECT_EQ(operators(parse(other_value)), (Ops{"Relu", "Sigmoid", "Mul"}));

  ModelBuilder square;
  square.add_node("Sigmoid", {"x"}, "gate");
  square.add_node("Mul", {"gate", "gate"}, "y");
  EXPECT_EQ(operators(parse(square)), (Ops{"Sigmoid", "Mul"}));
}

TEST(Recognize, HardSwishOfHardSigmoid) {
  for (const float alpha : {1.0f / 6.0f, 0.2f}) {
    ModelBuilder builder;
    add_attribute(builder.add_node("HardSigmoid", {"x"}, "gate"), "alpha", alpha);
    builder.add_node("Mul", {"x", "gate"}, "y");
    EXPECT_EQ(operators(parse(builder)), alpha == 0.2f ? (Ops{"HardSigmoid", "Mul"}) : Ops{"HardSwish"});
  }
}

TEST(Recognize, HardSwishOfClip) {
  ModelBuilder divided_first = clipped();
  divided_first.add_node("Div", {"clipped", "six"}, "gate");
  divided_first.add_node("Mul", {"x", "gate"}, "y");
  EXPECT_EQ(operators(parse(divided_first)), Ops{"HardSwish"});

  ModelBuilder divided_last = clipped();
  divided_last.add_node("Mul", {"clipped", "x"}, "product");
  divided_last.add_node("Div", {"product", "six"}, "y");
  EXPECT_EQ(operators(parse(divided_last)), Ops{"HardSwish"});

  ModelBuilder multiplied = clipped();
  multiplied.add_node("Mul", {"clipped", "sixth"}, "gate");
  multiplied.add_node("Mul", {"gate", "x"}, "y");
  EXPECT_EQ(operators(parse(multiplied)), Ops{"HardSwish"});

  ModelBuilder other_bound = clipped(1.0f);
  other_bound.add_node("Div", {"clipped", "six"}, "gate");
  other_bound.add_node("Mul", {"x", "gate"}, "y");
  EXPECT_EQ(operators(parse(other_bound)), (Ops{"Add", "Clip", "Div", "Mul"}));

  ModelBuilder inverted = clipped();
  inverted.add_node("Div", {"six", "clipped"}, "y");
  EXPECT_EQ(operators(parse(inverted)), (Ops{"Add", "Clip", "Div"}));
}

TEST(Recognize, HardSigmoidOfClip) {
  ModelBuilder builder = clipped();
  builder.add_node("Div", {"clipped", "six"}, "y");
  const Graph graph = parse(builder);
  ASSERT_EQ(operators(graph), Ops{"HardSigmoid"});
  EXPECT_EQ(graph.nodes[0].inputs, Ops{"x"});
  EXPECT_FLOAT_EQ(graph.nodes[0].attribute("alpha", 0.0f), 1.0f / 6.0f);
  EXPECT_EQ(graph.nodes[0].attribute("beta", 0.0f), 0.5f);
}

}  // namespace
}  // namespace einet::graph
