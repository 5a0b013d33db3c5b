#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "expect_error.h"
#include "graph/model_builder.h"
#include "graph/onnx_file.h"
#include "io/temporary_directory.h"

namespace einet::graph {
namespace {

using onnx::TensorProto;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Graph parse(const ModelBuilder& builder) { return parse_onnx(builder.bytes(), "m.onnx"); }

void refused(ErrorKind kind, const std::string& message, const ModelBuilder& builder) {
  expect_error(kind, "m.onnx: " + message, [&] { parse(builder); });
}

// y = x + w, where `fill` stores the four values of w.
template <class Fill>
std::vector<float> load_weight(int type, Fill fill) {
  ModelBuilder builder;
  builder.add_node("Add", {"x", "w"}, "y");
  fill(builder.add_tensor("w", type, {4}));
  return parse(builder).initializers.at("w").floats();
}

TEST(LoadOnnx, ReadsEveryFloatType) {
  const std::vector<float> expected = {0, 1, -2, 0.5f};
  const std::vector<std::uint16_t> half = {0, 0x3c00, 0xc000, 0x3800}, bfloat = {0, 0x3f80, 0xc000, 0x3f00};
  EXPECT_EQ(load_weight(TensorProto::FLOAT, [&](auto& t) { t.set_raw_data(raw(expected)); }), expected);
  EXPECT_EQ(load_weight(TensorProto::FLOAT,
                        [&](auto& t) {
                          for (float v : expected) t.add_float_data(v);
                        }),
            expected);
  EXPECT_EQ(load_weight(TensorProto::FLOAT16, [&](auto& t) { t.set_raw_data(raw(half)); }), expected);
  EXPECT_EQ(load_weight(TensorProto::FLOAT16,
                        [&](auto& t) {
                          for (auto v : half) t.add_int32_data(v);
                        }),
            expected);
  EXPECT_EQ(load_weight(TensorProto::BFLOAT16, [&](auto& t) { t.set_raw_data(raw(bfloat)); }), expected);
  EXPECT_EQ(load_weight(TensorProto::BFLOAT16,
                        [&](auto& t) {
                          for (auto v : bfloat) t.add_int32_data(v);
                        }),
            expected);
  const std::vector<double> doubles(expected.begin(), expected.end());
  EXPECT_EQ(load_weight(TensorProto::DOUBLE, [&](auto& t) { t.set_raw_data(raw(doubles)); }), expected);
  EXPECT_EQ(load_weight(TensorProto::DOUBLE,
                        [&](auto& t) {
                          for (auto v : doubles) t.add_double_data(v);
                        }),
            expected);
}

// y = reshape(x, w) with the two values {-1, 2} or, unsigned, {2, 2}.
template <class Fill>
std::vector<std::int64_t> load_shape(int type, Fill fill) {
  ModelBuilder builder;
  builder.add_node("Reshape", {"x", "w"}, "y");
  fill(builder.add_tensor("w", type, {2}));
  return parse(builder).initializers.at("w").ints();
}

TEST(LoadOnnx, ReadsEveryIntegerType) {
  const std::vector<std::int64_t> expected = {-1, 2}, positive = {2, 2};
  const auto set = [](auto values) { return [values](auto& t) { t.set_raw_data(raw(values)); }; };
  EXPECT_EQ(load_shape(TensorProto::INT64, set(expected)), expected);
  EXPECT_EQ(load_shape(TensorProto::INT32, set(std::vector<std::int32_t>{-1, 2})), expected);
  EXPECT_EQ(load_shape(TensorProto::INT16, set(std::vector<std::int16_t>{-1, 2})), expected);
  EXPECT_EQ(load_shape(TensorProto::INT8, set(std::vector<std::int8_t>{-1, 2})), expected);
  EXPECT_EQ(load_shape(TensorProto::UINT32, set(std::vector<std::uint32_t>{2, 2})), positive);
  EXPECT_EQ(load_shape(TensorProto::UINT16, set(std::vector<std::uint16_t>{2, 2})), positive);
  EXPECT_EQ(load_shape(TensorProto::UINT8, set(std::vector<std::uint8_t>{2, 2})), positive);
  EXPECT_EQ(load_shape(TensorProto::INT64, [](auto& t) { t.add_int64_data(-1), t.add_int64_data(2); }), expected);
  EXPECT_EQ(load_shape(TensorProto::INT8, [](auto& t) { t.add_int32_data(-1), t.add_int32_data(2); }), expected);
  EXPECT_EQ(load_shape(TensorProto::UINT32, [](auto& t) { t.add_uint64_data(2), t.add_uint64_data(2); }), positive);
}

TEST(LoadOnnx, RejectsInvalidTensors) {
  const auto broken = [](ErrorKind kind, const std::string& message, std::vector<std::int64_t> shape, auto fill,
                         int type = TensorProto::FLOAT) {
    ModelBuilder builder;
    builder.add_node("Add", {"x", "w"}, "y");
    fill(builder.add_tensor("w", type, shape));
    refused(kind, "initializer 'w': " + message, builder);
  };
  const auto nothing = [](auto&) {};
  const auto three = [](auto& t) { t.set_raw_data(raw(std::vector<float>{1, 2, 3})); };
  broken(ErrorKind::kInvalidData, "has the shape [4] but 3 values", {4}, three);
  broken(ErrorKind::kInvalidData, "has the shape [4] but 0 values", {4}, nothing);
  broken(ErrorKind::kInvalidData, "has the shape [1000000000000] but 3 values", {1000000000000}, three);
  broken(ErrorKind::kInvalidData, "has a negative dimension", {-4}, three);
  broken(ErrorKind::kInvalidData, "has an incomplete last value", {3}, [](auto& t) { t.set_raw_data("0123456789"); });
  broken(ErrorKind::kInvalidData, "contains NaN", {4}, [](auto& t) {
    t.set_raw_data(raw(std::vector<float>{1, 2, kNan, 3}));
  });
  broken(ErrorKind::kInvalidData, "contains an infinite value", {2}, [](auto& t) {
    t.set_raw_data(raw(std::vector<float>{1, INFINITY}));
  });
  broken(ErrorKind::kUnsupported, "is stored in another file", {4},
         [](auto& t) { t.set_data_location(TensorProto::EXTERNAL); });
  broken(
      ErrorKind::kUnsupported, "has the ONNX element type 8", {1},
      [](auto& t) { t.add_string_data(std::string(1, 's')); }, TensorProto::STRING);
  ModelBuilder overflow;
  overflow.add_node("Add", {"x", "w"}, "y");
  overflow.add_tensor("w", TensorProto::FLOAT, {1ll << 40, 1ll << 40});
  refused(ErrorKind::kInvalidData, "shape [1099511627776,1099511627776]: has too many elements", overflow);
}

TEST(LoadOnnx, FoldsConstantsCastsAndIdentities) {
  ModelBuilder builder;
  auto& constant = builder.add_node("Constant", {}, "c");
  auto& value = *constant.add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  value.mutable_t()->set_data_type(TensorProto::DOUBLE);
  value.mutable_t()->add_dims(4);
  for (const double v : {1.0, 2.0, 3.0, 4.00001}) value.mutable_t()->add_double_data(v);
  add_attribute(builder.add_node("Cast", {"c"}, "half"), "to", std::int64_t{TensorProto::FLOAT16});
  add_attribute(builder.add_node("Cast", {"half"}, "w"), "to", std::int64_t{TensorProto::FLOAT});
  builder.add_node("Identity", {"w"}, "same");
  builder.add_node("Add", {"x", "same"}, "sum");
  add_attribute(builder.add_node("Constant", {}, "two"), "value_float", 2.0f);
  builder.add_node("Mul", {"sum", "two"}, "y");
  const Graph graph = parse(builder);
  ASSERT_EQ(graph.nodes.size(), 2u);
  ASSERT_EQ(graph.initializers.size(), 2u);  // Initializers that only folded nodes read were removed.
  EXPECT_EQ(graph.initializers.at("same").floats(), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(graph.initializers.at("two").floats(), std::vector<float>{2});
}

TEST(LoadOnnx, DropsCastsBetweenFloatTypes) {
  ModelBuilder builder;
  add_attribute(builder.add_node("Cast", {"x"}, "h"), "to", std::int64_t{TensorProto::FLOAT16});
  builder.add_node("Relu", {"h"}, "r");
  add_attribute(builder.add_node("Cast", {"r"}, "y", "last"), "to", std::int64_t{TensorProto::FLOAT});
  const Graph graph = parse(builder);
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.nodes[0].inputs.front(), "x");
  EXPECT_EQ(graph.nodes[1].op, "Identity");
  EXPECT_EQ(graph.nodes[1].outputs.front(), "y");
}

TEST(LoadOnnx, AcceptsInitializersListedAsInputs) {
  ModelBuilder builder;
  builder.add_input("w", {4});
  builder.add_floats("w", {1, 2, 3, 4}, {4});
  builder.add_node("Add", {"x", "w"}, "y");
  const Graph graph = parse(builder);
  ASSERT_EQ(graph.inputs.size(), 1u);
  EXPECT_EQ(graph.inputs[0].shape, (Shape{-1, 4}));
}

TEST(LoadOnnx, SortsAndNamesNodes) {
  ModelBuilder builder;
  builder.add_node("Relu", {"b"}, "y");
  builder.add_node("Relu", {"x"}, "a", "same");
  builder.add_node("Relu", {"a"}, "b", "same");
  const Graph graph = parse(builder);
  EXPECT_EQ(graph.nodes[0].outputs.front(), "a");
  EXPECT_EQ(graph.nodes[0].name, "same");
  EXPECT_EQ(graph.nodes[1].name, "same_2");
  EXPECT_EQ(graph.nodes[2].name, "Relu_0");
}

TEST(LoadOnnx, ListsAllUnsupportedOperators) {
  ModelBuilder builder;
  builder.add_node("Det", {"x"}, "a", "first");
  builder.add_node("Relu", {"a"}, "b", "fine");
  builder.add_node("FusedConv", {"b"}, "c", "second").set_domain("com.microsoft");
  auto& loop = builder.add_node("Loop", {"c"}, "y", "third");
  auto& body = *loop.add_attribute();
  body.set_name("body");
  body.set_type(onnx::AttributeProto::GRAPH);
  for (int i = 0; i < 7; ++i) builder.add_node("Det", {"x"}, std::string("e").append(std::to_string(i)));
  refused(ErrorKind::kUnsupported,
          "unsupported operators: Det (1 node: 'first'); Loop (1 node: 'third'): export with fixed control flow, for "
          "example by tracing in eval() mode; com.microsoft.FusedConv (1 node: 'second'): save the model before ONNX "
          "Runtime optimises it",
          builder);
  // Unneeded nodes are ignored; if there are many, only the first are named.
  auto& needed = builder.add_node("Sum", {"y"}, "out", "sum");
  for (int i = 0; i < 7; ++i) needed.add_input(std::string("e").append(std::to_string(i)));
  builder.model.mutable_graph()->mutable_output(0)->set_name("out");
  refused(ErrorKind::kUnsupported, "unsupported operators: Det (8 nodes: 'first', 'Det_4', 'Det_5', …); Loop", builder);
}

TEST(LoadOnnx, RejectsInvalidGraphs) {
  {
    ModelBuilder cycle;
    cycle.add_node("Add", {"x", "b"}, "a", "first");
    cycle.add_node("Relu", {"a"}, "b");
    cycle.add_node("Relu", {"b"}, "y");
    refused(ErrorKind::kInvalidData, "node 'first' (Add): is part of a cycle", cycle);
  }
  {
    ModelBuilder missing;
    missing.add_node("Add", {"x", "w"}, "y", "sum");
    refused(ErrorKind::kInvalidData, "node 'sum' (Add): reads 'w', which nothing produces", missing);
  }
  {
    ModelBuilder twice;
    twice.add_node("Relu", {"x"}, "y", "a");
    twice.add_node("Relu", {"x"}, "y", "b");
    refused(ErrorKind::kInvalidData, "node 'b' (Relu): produces 'y', which exists already", twice);
  }
  {
    ModelBuilder output;
    output.add_node("Relu", {"x"}, "z");
    refused(ErrorKind::kInvalidData, "output 'y': is produced by no node", output);
  }
  {
    ModelBuilder shapes;
    shapes.add_floats("w", {1, 2, 3}, {3});
    shapes.add_node("Add", {"x", "w"}, "y", "sum");
    refused(ErrorKind::kInvalidData, "node 'sum' (Add): shapes [1,4] and [3] cannot be broadcast", shapes);
  }
  {
    ModelBuilder twice;
    twice.add_floats("w", {1}, {1});
    twice.add_floats("w", {1}, {1});
    twice.add_node("Add", {"x", "w"}, "y");
    refused(ErrorKind::kInvalidData, "initializer 'w': is defined twice", twice);
  }
  {
    ModelBuilder nan;
    add_attribute(nan.add_node("LeakyRelu", {"x"}, "y", "leaky"), "alpha", kNan);
    refused(ErrorKind::kInvalidData, "node 'leaky' (LeakyRelu): the attribute 'alpha' is NaN", nan);
  }
  refused(ErrorKind::kInvalidData, "model: has no graph", ModelBuilder());
}

TEST(LoadOnnx, RejectsUnsupportedInputs) {
  {
    ModelBuilder several;
    several.add_input("second", {-1, 4});
    several.add_node("Add", {"x", "second"}, "y");
    refused(ErrorKind::kUnsupported, "inputs 'x', 'second': only one is supported", several);
  }
  {
    ModelBuilder dynamic;
    dynamic.add_node("Relu", {"x"}, "y");
    dynamic.model.mutable_graph()
        ->mutable_input(0)
        ->mutable_type()
        ->mutable_tensor_type()
        ->mutable_shape()
        ->mutable_dim(1)
        ->set_dim_param("width");
    refused(ErrorKind::kUnsupported, "input 'x': dimension 1 ('width') has no fixed size", dynamic);
  }
  {
    ModelBuilder shapeless;
    shapeless.add_node("Relu", {"x"}, "y");
    shapeless.model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
    refused(ErrorKind::kInvalidData, "input 'x': has no shape", shapeless);
  }
  {
    ModelBuilder integer;
    integer.add_node("Relu", {"x"}, "y");
    integer.model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
        TensorProto::INT64);
    refused(ErrorKind::kUnsupported, "input 'x': is not a float tensor", integer);
  }
}

TEST(LoadOnnx, KeepsAFixedBatch) {
  ModelBuilder builder;
  builder.model.mutable_graph()->clear_input();
  builder.add_input("x", {3, 4});
  builder.add_node("Relu", {"x"}, "y");
  EXPECT_EQ(parse(builder).inputs[0].shape, (Shape{3, 4}));
}

TEST(LoadOnnx, MessagesHaveOneLine) {
  ModelBuilder builder;
  builder.add_node("Relu", {"line\nbreak"}, "y", std::string(5000, 'n') + "\n");
  expect_error(ErrorKind::kInvalidData, "m.onnx: node 'nnn", [&] { parse(builder); });
}

TEST(LoadOnnx, RejectsOtherFiles) {
  const TemporaryDirectory folder;
  expect_error(ErrorKind::kNotFound, "absent.onnx: no such file", [&] { load_onnx(folder / "absent.onnx"); });
  expect_error(ErrorKind::kInvalidData, "t: is truncated or not an ONNX model",
               [] { parse_onnx("hello, world", "t"); });
  expect_error(ErrorKind::kInvalidData, "t: model: has no graph", [] { parse_onnx("", "t"); });
}

}  // namespace
}  // namespace einet::graph
