// Files of other opsets are converted to opset 13, the only form used by EINet.

#include <gtest/gtest.h>

#include "expect_error.h"
#include "graph/model_builder.h"
#include "graph/onnx_file.h"

namespace einet::graph {
namespace {

Graph parse(const ModelBuilder& builder) { return parse_onnx(builder.bytes(), "m.onnx"); }

void refused(const std::string& message, const ModelBuilder& builder) {
  expect_error(ErrorKind::kUnsupported, "m.onnx: " + message, [&] { parse(builder); });
}

TEST(Opset, ChecksTheRange) {
  for (const std::int64_t version : {7, 13, 17, 22, 25}) {
    ModelBuilder builder(version);
    builder.add_node("Relu", {"x"}, "y");
    EXPECT_EQ(parse(builder).nodes.size(), 1u);
  }
  for (const std::int64_t version : {0, 6, 26}) {
    ModelBuilder builder(version);
    builder.add_node("Relu", {"x"}, "y");
    refused("opset " + std::to_string(version) + ": only 7 to 25 are supported", builder);
  }
  ModelBuilder undeclared;
  undeclared.add_node("Relu", {"x"}, "y");
  undeclared.model.mutable_opset_import(0)->set_domain("com.example");
  expect_error(ErrorKind::kInvalidData, "m.onnx: model: declares no opset", [&] { parse(undeclared); });
}

TEST(Opset, ConvertsClipAttributesBefore11) {
  ModelBuilder both(10);
  auto& node = both.add_node("Clip", {"x"}, "y", "clip");
  add_attribute(node, "min", 0.0f);
  add_attribute(node, "max", 6.0f);
  const Graph graph = parse(both);
  ASSERT_EQ(graph.nodes[0].inputs.size(), 3u);
  EXPECT_EQ(graph.constant(graph.nodes[0].inputs[1])->floats()[0], 0.0f);
  EXPECT_EQ(graph.constant(graph.nodes[0].inputs[2])->floats()[0], 6.0f);
  EXPECT_TRUE(graph.nodes[0].attributes.empty());

  ModelBuilder upper(10);
  add_attribute(upper.add_node("Clip", {"x"}, "y"), "max", 6.0f);
  const Graph half = parse(upper);
  EXPECT_EQ(half.nodes[0].inputs[1], "");
  EXPECT_EQ(half.constant(half.nodes[0].inputs[2])->floats()[0], 6.0f);
}

TEST(Opset, ConvertsDropoutRatioBefore12) {
  ModelBuilder old(11);
  add_attribute(old.add_node("Dropout", {"x"}, "y"), "ratio", 0.25f);
  const Graph graph = parse(old);
  EXPECT_EQ(graph.constant(graph.nodes[0].inputs[1])->floats()[0], 0.25f);

  ModelBuilder recent;
  recent.add_tensor("mode", onnx::TensorProto::BOOL, {}).add_int32_data(1);
  recent.add_node("Dropout", {"x", "", "mode"}, "y").add_output("mask");
  const Graph trained = parse(recent);
  EXPECT_EQ(trained.nodes[0].inputs, std::vector<std::string>{"x"});
  EXPECT_EQ(trained.nodes[0].outputs, std::vector<std::string>{"y"});
}

TEST(Opset, RejectsBatchNormalizationInTrainingMode) {
  for (const std::int64_t training : {0, 1}) {
    ModelBuilder builder(15);
    for (const char* name : {"s", "b", "m", "v"}) builder.add_floats(name, {1, 1, 1, 1}, {4});
    auto& node = builder.add_node("BatchNormalization", {"x", "s", "b", "m", "v"}, "y", "bn");
    add_attribute(node, "training_mode", training);
    if (training == 0) {
      EXPECT_TRUE(parse(builder).nodes[0].attributes.empty());
    } else {
      refused("node 'bn' (BatchNormalization): training_mode 1 is not supported", builder);
    }
  }
}

TEST(Opset, ConvertsFlatteningSoftmaxBefore13) {
  ModelBuilder flat(12);
  flat.add_node("Softmax", {"x"}, "y");
  EXPECT_EQ(parse(flat).nodes[0].attribute("axis", std::int64_t{-1}), 1);

  ModelBuilder deep(12);
  deep.model.mutable_graph()->clear_input();
  deep.add_input("x", {-1, 3, 2, 2});
  deep.add_node("Softmax", {"x"}, "y", "s");
  const Graph flattened = parse(deep);
  ASSERT_EQ(flattened.nodes.size(), 3u);
  EXPECT_EQ(flattened.nodes[0].op, "Flatten");
  EXPECT_EQ(flattened.nodes[1].op, "Softmax");
  EXPECT_EQ(flattened.nodes[2].op, "Reshape");
  EXPECT_EQ(flattened.constant(flattened.nodes[2].inputs[1])->ints(), (std::vector<std::int64_t>{0, 3, 2, 2}));
}

TEST(Opset, DropsNewAttributesWithoutEffect) {
  ModelBuilder builder(19);
  builder.model.mutable_graph()->clear_input();
  builder.add_input("x", {-1, 3, 4});
  auto& pool = builder.add_node("AveragePool", {"x"}, "p", "pool");
  for (const char* name : {"kernel_shape", "dilations"}) {
    auto& list = *pool.add_attribute();
    list.set_name(name);
    list.set_type(onnx::AttributeProto::INTS);
    list.add_ints(std::string(name) == "dilations" ? 1 : 2);
  }
  auto& shape = builder.add_tensor("shape", onnx::TensorProto::INT64, {2});
  shape.add_int64_data(0);
  shape.add_int64_data(-1);
  add_attribute(builder.add_node("Reshape", {"p", "shape"}, "y"), "allowzero", std::int64_t{0});
  const Graph graph = parse(builder);
  EXPECT_EQ(graph.nodes[0].attributes.size(), 1u);
  EXPECT_TRUE(graph.nodes[1].attributes.empty());
  pool.mutable_attribute(1)->set_ints(0, 2);
  EXPECT_EQ(parse(builder).nodes[0].attributes.size(), 2u);
}

}  // namespace
}  // namespace einet::graph
