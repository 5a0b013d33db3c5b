// Forms that occur in files but not in graphs: quantised operators, branches, functions, casts, other inputs.

#include <gtest/gtest.h>

#include <algorithm>

#include "expect_error.h"
#include "graph/model_builder.h"
#include "graph/onnx_file.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

using onnx::TensorProto;

Graph parse(const ModelBuilder& builder, const LoadOptions& options = {}) {
  return parse_onnx(builder.bytes(), "m.onnx", options);
}

void refused(ErrorKind kind, const std::string& message, const ModelBuilder& builder) {
  expect_error(kind, "m.onnx: " + message, [&] { parse(builder); });
}

std::vector<std::string> operators(const Graph& graph) {
  std::vector<std::string> result;
  for (const Node& node : graph.nodes) result.push_back(node.op);
  return result;
}

using Ops = std::vector<std::string>;

void add_integers(ModelBuilder& builder, const std::string& name, int type, const std::vector<std::int64_t>& values,
                  const std::vector<std::int64_t>& shape) {
  auto& tensor = builder.add_tensor(name, type, shape);
  for (const std::int64_t value : values) {
    type == TensorProto::INT64 ? tensor.add_int64_data(value) : tensor.add_int32_data(static_cast<std::int32_t>(value));
  }
}

// x -> QuantizeLinear -> DequantizeLinear -> y
ModelBuilder quantised(int type, std::int64_t zero) {
  ModelBuilder builder;
  builder.add_floats("scale", {0.5f}, {});
  add_integers(builder, "zero", type, {zero}, {});
  builder.add_node("QuantizeLinear", {"x", "scale", "zero"}, "q", "q");
  builder.add_node("DequantizeLinear", {"q", "scale", "zero"}, "y", "d");
  return builder;
}

TEST(Quantised, SaturatesAtTheLimitsOfItsType) {
  for (const auto& [type, low, high] : {std::tuple{TensorProto::UINT8, 0.0f, 255.0f},
                                        {TensorProto::INT8, -128, 127},
                                        {TensorProto::UINT16, 0, 65535},
                                        {TensorProto::INT16, -32768, 32767}}) {
    const Graph graph = parse(quantised(type, 3));
    ASSERT_EQ(operators(graph), Ops{"FakeQuantize"});
    const Grid grid = grid_of(graph.nodes.front());
    EXPECT_EQ(static_cast<float>(grid.low), low);
    EXPECT_EQ(static_cast<float>(grid.high), high);
    EXPECT_EQ(grid.scale, 0.5f);
    EXPECT_EQ(grid.zero, 3);
  }
}

// Its integers are an output, or are read with another scale or by another operator.
TEST(Quantised, IsRewrittenUnlessOnlyEqualNodesReadTheIntegers) {
  const Ops floats = {"Div", "Round", "Add", "Clip", "Sub", "Mul"};
  ModelBuilder output = quantised(TensorProto::INT8, 3);
  output.model.mutable_graph()->add_output()->set_name("q");
  EXPECT_EQ(operators(parse(output)), floats);
  ModelBuilder other = quantised(TensorProto::INT8, 3);
  other.add_floats("other", {0.25f}, {});
  other.model.mutable_graph()->mutable_node(1)->set_input(1, "other");
  EXPECT_EQ(operators(parse(other)), floats);
  ModelBuilder channels = quantised(TensorProto::INT8, 0);
  auto& graph = *channels.model.mutable_graph();
  graph.mutable_initializer(0)->add_dims(4);
  for (int i = 0; i < 3; ++i) graph.mutable_initializer(0)->add_float_data(1.0f);
  for (int i = 0; i < 2; ++i) graph.mutable_node(i)->mutable_input()->RemoveLast();
  EXPECT_EQ(operators(parse(channels)).front(), "Div");
}

TEST(Quantised, SeveralReadersShareOneOperator) {
  ModelBuilder builder = quantised(TensorProto::INT8, 3);
  builder.model.mutable_graph()->mutable_node(1)->set_output(0, "a");
  builder.add_node("DequantizeLinear", {"q", "scale", "zero"}, "b", "e");
  builder.add_node("Add", {"a", "b"}, "y");
  EXPECT_EQ(operators(parse(builder)), (Ops{"FakeQuantize", "Identity", "Add"}));
}

TEST(Quantised, OurOwnOperatorIsNotOneOfFiles) {
  ModelBuilder builder;
  builder.add_node("FakeQuantize", {"x"}, "y", "q");
  refused(ErrorKind::kUnsupported, "unsupported operators: FakeQuantize (1 node: 'q')", builder);
}

// Weights per output channel, a bias of 32 bits and a value.
ModelBuilder quantised_layer() {
  ModelBuilder builder = quantised(TensorProto::UINT8, 7);
  builder.model.mutable_graph()->mutable_node(1)->set_output(0, "v");
  add_integers(builder, "w8", TensorProto::INT8, {1, -2, 3, 4, 5, 6, 127, -8}, {2, 4});
  builder.add_floats("ws", {0.3f, 2.7f}, {2});
  add_attribute(builder.add_node("DequantizeLinear", {"w8", "ws"}, "w", "dw"), "axis", std::int64_t{0});
  add_integers(builder, "b32", TensorProto::INT32, {100000, -7}, {2});
  builder.add_floats("bs", {0.15f, 1.35f}, {2});
  add_attribute(builder.add_node("DequantizeLinear", {"b32", "bs"}, "b", "db"), "axis", std::int64_t{0});
  add_attribute(builder.add_node("Gemm", {"v", "w", "b"}, "y", "g"), "transB", std::int64_t{1});
  return builder;
}

TEST(Quantised, IsSavedAsItWasLoaded) {
  const Graph graph = parse(quantised_layer());
  ASSERT_EQ(operators(graph), (Ops{"FakeQuantize", "Gemm"}));
  EXPECT_EQ(graph.quantized.at("w"), (QuantizedConstant{{0.3f, 2.7f}, 0, 8}));
  EXPECT_EQ(graph.quantized.at("b"), (QuantizedConstant{{0.15f, 1.35f}, 0, 32}));
  for (const WeightStorage storage : {WeightStorage::kFloat32, WeightStorage::kFloat16}) {
    const std::string bytes = format_onnx(graph, storage);
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(bytes));
    std::vector<int> types;
    for (const auto& tensor : model.graph().initializer()) types.push_back(tensor.data_type());
    for (const int type : {TensorProto::INT8, TensorProto::INT32, TensorProto::UINT8}) {
      EXPECT_NE(std::ranges::find(types, type), types.end()) << type;
    }
    const Graph again = parse_onnx(bytes, "again");
    EXPECT_EQ(operators(again), operators(graph));
    EXPECT_EQ(grid_of(again.nodes.front()), grid_of(graph.nodes.front()));
    EXPECT_EQ(again.quantized, graph.quantized);
    EXPECT_EQ(again.constant("w")->floats(), graph.constant("w")->floats());
    EXPECT_EQ(format_onnx(again, storage), bytes);
  }
}

TEST(Quantised, WeightsThatHaveChangedAreSavedAsFloats) {
  Graph graph = parse(quantised_layer());
  graph.initializers.at("w").floats()[0] += 0.01f;
  const Graph again = parse_onnx(format_onnx(graph), "again");
  EXPECT_EQ(again.constant("w")->floats(), graph.constant("w")->floats());
  EXPECT_FALSE(again.quantized.contains("w"));
  EXPECT_TRUE(again.quantized.contains("b"));
}

TEST(Quantised, SupportsOperatorsOfOnnxRuntime) {
  ModelBuilder builder = quantised(TensorProto::UINT16, 3);
  for (auto& node : *builder.model.mutable_graph()->mutable_node()) node.set_domain("com.microsoft");
  EXPECT_EQ(operators(parse(builder)), Ops{"FakeQuantize"});
  builder.model.mutable_graph()->mutable_node(0)->set_op_type("QLinearSigmoid");
  refused(ErrorKind::kUnsupported,
          "unsupported operators: com.microsoft.QLinearSigmoid (1 node: 'q'): quantise in QDQ format", builder);
}

TEST(Quantised, UsesTheTypeAttributeWithoutAZeroPoint) {
  ModelBuilder builder(21);
  builder.add_floats("scale", {0.5f}, {});
  auto& node = builder.add_node("QuantizeLinear", {"x", "scale"}, "y", "q");
  EXPECT_EQ(parse(builder).constant(parse(builder).nodes.back().inputs[2])->floats()[0], 255.0f);
  add_attribute(node, "output_dtype", std::int64_t{TensorProto::INT8});
  EXPECT_EQ(parse(builder).constant(parse(builder).nodes.back().inputs[2])->floats()[0], 127.0f);
  add_attribute(node, "block_size", std::int64_t{2});
  refused(ErrorKind::kUnsupported, "node 'q' (QuantizeLinear): blocked quantisation (block_size 2) is not supported",
          builder);
}

TEST(Quantised, DequantisesWeightsWhenLoading) {
  ModelBuilder builder;
  add_integers(builder, "w", TensorProto::INT8, {1, 2, 3, 4, 5, 6, 7, -8}, {4, 2});
  builder.add_floats("scale", {0.5f, 2.0f}, {2});
  add_integers(builder, "zero", TensorProto::INT8, {0, 1}, {2});
  add_attribute(builder.add_node("DequantizeLinear", {"w", "scale", "zero"}, "f", "d"), "axis", std::int64_t{1});
  builder.add_node("MatMul", {"x", "f"}, "y");
  const Graph graph = parse(builder);
  ASSERT_EQ(operators(graph), Ops{"MatMul"});
  EXPECT_EQ(graph.constant("f")->floats(), (std::vector<float>{0.5f, 2, 1.5f, 6, 2.5f, 10, 3.5f, -18}));
}

TEST(Quantised, RejectsInvalidParameters) {
  ModelBuilder zero = quantised(TensorProto::UINT8, 3);
  zero.model.mutable_graph()->mutable_initializer(0)->set_float_data(0, 0.0f);
  refused(ErrorKind::kInvalidData, "node 'q' (QuantizeLinear): has the scale 0", zero);
  ModelBuilder wrong = quantised(TensorProto::UINT8, 3);
  wrong.add_floats("scales", {1, 2, 3}, {3});
  wrong.model.mutable_graph()->mutable_node(0)->set_input(1, "scales");
  refused(ErrorKind::kInvalidData, "node 'q' (QuantizeLinear): a scale or zero point of shape [3] does not match",
          wrong);
  ModelBuilder floats;
  floats.add_floats("s", {1}, {});
  floats.add_tensor("z", TensorProto::INT32, {}).add_int32_data(0);
  floats.add_node("QuantizeLinear", {"x", "s", "z"}, "y", "q");
  refused(ErrorKind::kUnsupported, "node 'q' (QuantizeLinear): quantises to the ONNX element type 6", floats);
}

TEST(Casts, TruthValuesAndIntegersAreFloats) {
  ModelBuilder builder;
  builder.add_floats("zero", {0}, {});
  builder.add_node("Greater", {"x", "zero"}, "positive");
  add_attribute(builder.add_node("Cast", {"positive"}, "mask"), "to", std::int64_t{TensorProto::FLOAT});
  builder.add_node("Mul", {"x", "mask"}, "y");
  EXPECT_EQ(operators(parse(builder)), (Ops{"Greater", "Mul"}));

  ModelBuilder truth;
  add_attribute(truth.add_node("Cast", {"x"}, "t"), "to", std::int64_t{TensorProto::BOOL});
  add_attribute(truth.add_node("Cast", {"t"}, "y"), "to", std::int64_t{TensorProto::FLOAT});
  EXPECT_EQ(operators(parse(truth)), (Ops{"Equal", "Not", "Identity"}));

  ModelBuilder whole;
  add_attribute(whole.add_node("Cast", {"x"}, "i"), "to", std::int64_t{TensorProto::INT32});
  add_attribute(whole.add_node("Cast", {"i"}, "y"), "to", std::int64_t{TensorProto::FLOAT});
  EXPECT_EQ(operators(parse(whole)), (Ops{"Max", "Floor", "Min", "Ceil", "Add", "Identity"}));
}

TEST(Casts, RejectsArithmeticThatWrapsAround) {
  ModelBuilder builder;
  builder.model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      TensorProto::UINT8);
  add_integers(builder, "one", TensorProto::UINT8, {1}, {});
  builder.add_node("Add", {"x", "one"}, "y", "add");
  refused(ErrorKind::kUnsupported, "node 'add' (Add): computes in integers of 8 or 16 bits", builder);
}

TEST(Casts, SavesTruthValuesAsBool) {
  ModelBuilder builder;
  builder.add_floats("zero", {0}, {});
  builder.add_node("Greater", {"x", "zero"}, "a");
  builder.add_node("Less", {"x", "zero"}, "b");
  builder.add_node("Or", {"a", "b"}, "c");
  add_attribute(builder.add_node("Cast", {"c"}, "d"), "to", std::int64_t{TensorProto::FLOAT});
  builder.add_node("Mul", {"x", "d"}, "y");
  const Graph graph = parse(builder);
  const std::string saved = format_onnx(graph);
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(saved));
  std::vector<std::string> written;
  for (const auto& node : model.graph().node()) written.push_back(node.op_type());
  EXPECT_EQ(written, (Ops{"Greater", "Cast", "Less", "Cast", "Or", "Cast", "Mul"}));
  EXPECT_EQ(operators(parse_onnx(saved, "saved")), operators(graph));
}

TEST(Inputs, DropsUnreadInputs) {
  ModelBuilder builder;
  builder.add_input("size", {2}).mutable_type()->mutable_tensor_type()->set_elem_type(TensorProto::INT64);
  builder.add_node("Relu", {"x"}, "y");
  const Graph graph = parse(builder);
  ASSERT_EQ(graph.inputs.size(), 1u);
  EXPECT_EQ(graph.inputs[0].name, "x");
  builder.add_input("z", {-1, 4});
  builder.model.mutable_graph()->mutable_node(0)->set_op_type("Add");
  builder.model.mutable_graph()->mutable_node(0)->add_input("z");
  refused(ErrorKind::kUnsupported, "inputs 'x', 'z': only one is supported, but the network reads 2", builder);
}

TEST(Inputs, SavesByteInputsAsBytes) {
  ModelBuilder builder;
  builder.model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      TensorProto::UINT8);
  add_attribute(builder.add_node("Cast", {"x"}, "f"), "to", std::int64_t{TensorProto::FLOAT});
  builder.add_node("Relu", {"f"}, "y");
  const Graph graph = parse(builder);
  EXPECT_TRUE(graph.inputs[0].bytes);
  EXPECT_EQ(operators(graph), Ops{"Relu"});
  const std::string saved = format_onnx(graph);
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(saved));
  EXPECT_EQ(model.graph().input(0).type().tensor_type().elem_type(), TensorProto::UINT8);
  EXPECT_TRUE(parse_onnx(saved, "saved").inputs[0].bytes);
}

// x [N,8,8,3] -> Transpose -> GlobalAveragePool, Flatten -> y
ModelBuilder channels_last() {
  ModelBuilder builder;
  builder.model.mutable_graph()->clear_input();
  builder.add_input("x", {-1, 8, 6, 3});
  auto& perm = *builder.add_node("Transpose", {"x"}, "t", "t").add_attribute();
  perm.set_name("perm");
  perm.set_type(onnx::AttributeProto::INTS);
  for (const int axis : {0, 3, 1, 2}) perm.add_ints(axis);
  builder.add_node("GlobalAveragePool", {"t"}, "g");
  builder.add_node("Flatten", {"g"}, "y");
  return builder;
}

TEST(Inputs, ConvertsToChannelsFirst) {
  const ModelBuilder builder = channels_last();
  EXPECT_EQ(parse(builder).inputs[0].shape, (Shape{-1, 8, 6, 3}));
  const Graph first = parse(builder, {.channels_first = true});
  EXPECT_EQ(first.inputs[0].shape, (Shape{-1, 3, 8, 6}));
  EXPECT_EQ(operators(first), (Ops{"GlobalAveragePool", "Flatten"}));

  ModelBuilder scaled = channels_last();
  scaled.add_floats("half", {0.5f}, {});
  scaled.model.mutable_graph()->mutable_node(0)->set_input(0, "s");
  auto& nodes = *scaled.model.mutable_graph()->mutable_node();
  scaled.add_node("Mul", {"x", "half"}, "s");
  for (int i = nodes.size() - 1; i > 0; --i) nodes.SwapElements(i, i - 1);
  const Graph behind = parse(scaled, {.channels_first = true});
  EXPECT_EQ(behind.inputs[0].shape, (Shape{-1, 3, 8, 6}));
  EXPECT_EQ(operators(behind), (Ops{"Transpose", "Mul", "Transpose", "GlobalAveragePool", "Flatten"}));
  EXPECT_EQ(infer_shapes(behind).at("y"), (Shape{1, 3}));
}

// If (condition) then y = x + w else y = max(x, w), where w is in the surrounding graph and `factor` in the branch.
ModelBuilder branching() {
  ModelBuilder builder;
  builder.add_floats("w", {1, 2, 3, 4}, {4});
  auto& node = builder.add_node("If", {"condition"}, "y", "if");
  for (const bool then : {true, false}) {
    auto& attribute = *node.add_attribute();
    attribute.set_name(then ? "then_branch" : "else_branch");
    attribute.set_type(onnx::AttributeProto::GRAPH);
    onnx::GraphProto& branch = *attribute.mutable_g();
    branch.set_name("branch");
    auto& inner = *branch.add_node();
    inner.set_op_type(then ? "Add" : "Max");
    inner.add_input("x");
    inner.add_input("w");
    inner.add_output("result");
    branch.add_output()->set_name("result");
  }
  return builder;
}

TEST(Branches, ChoosesTheOneOfAConstantCondition) {
  for (const int condition : {0, 1}) {
    ModelBuilder builder = branching();
    builder.add_tensor("condition", TensorProto::BOOL, {}).add_int32_data(condition);
    const Graph graph = parse(builder);
    EXPECT_EQ(operators(graph), (Ops{condition == 1 ? "Add" : "Max", "Identity"}));
  }
}

TEST(Branches, ConditionsOnShapesAreConstant) {
  ModelBuilder builder = branching();
  add_integers(builder, "two", TensorProto::INT64, {2}, {});
  add_integers(builder, "one", TensorProto::INT64, {1}, {});
  builder.add_node("Shape", {"x"}, "shape");
  builder.add_node("Size", {"shape"}, "rank");
  builder.add_node("Equal", {"rank", "two"}, "condition");
  EXPECT_EQ(operators(parse(builder)), (Ops{"Add", "Identity"}));
}

TEST(Branches, RejectsOtherConditions) {
  ModelBuilder builder = branching();
  builder.add_floats("zero", {0}, {});
  builder.add_node("ReduceSum", {"x"}, "sum");
  builder.add_node("Greater", {"sum", "zero"}, "condition");
  refused(ErrorKind::kUnsupported, "unsupported operators: If (1 node: 'if'): export with fixed control flow", builder);
  ModelBuilder half = branching();
  half.add_tensor("condition", TensorProto::BOOL, {}).add_int32_data(1);
  half.model.mutable_graph()->mutable_node(0)->mutable_attribute()->RemoveLast();
  refused(ErrorKind::kInvalidData, "node 'if' (If): has no second branch", half);
}

// Scaled(x; by) = LeakyRelu(x * x, alpha = by)
ModelBuilder calling() {
  ModelBuilder builder;
  auto* domain = builder.model.add_opset_import();
  domain->set_domain("local");
  domain->set_version(1);
  onnx::FunctionProto& function = *builder.model.add_functions();
  function.set_domain("local");
  function.set_name("Scaled");
  function.add_input("a");
  function.add_output("b");
  function.add_attribute("by");
  auto& square = *function.add_node();
  square.set_op_type("Mul");
  square.add_input("a");
  square.add_input("a");
  square.add_output("square");
  auto& relu = *function.add_node();
  relu.set_op_type("LeakyRelu");
  relu.add_input("square");
  relu.add_output("b");
  auto& alpha = *relu.add_attribute();
  alpha.set_name("alpha");
  alpha.set_type(onnx::AttributeProto::FLOAT);
  alpha.set_ref_attr_name("by");
  for (const auto& [from, to] : {std::pair("x", "z"), {"z", "y"}}) {
    auto& call = builder.add_node("Scaled", {from}, to, std::string("call_") + to);
    call.set_domain("local");
    add_attribute(call, "by", 0.25f);
  }
  return builder;
}

TEST(Functions, AreReplacedByTheirBodies) {
  const Graph graph = parse(calling());
  EXPECT_EQ(operators(graph), (Ops{"Mul", "LeakyRelu", "Mul", "LeakyRelu"}));
  EXPECT_EQ(graph.nodes[3].attribute("alpha", 0.0f), 0.25f);
  EXPECT_EQ(graph.nodes[2].inputs, (Ops{"z", "z"}));
}

TEST(Functions, RejectsRecursion) {
  ModelBuilder builder = calling();
  auto& inner = *builder.model.mutable_functions(0)->mutable_node(0);
  inner.set_domain("local");
  inner.set_op_type("Scaled");
  inner.mutable_input()->RemoveLast();
  refused(ErrorKind::kInvalidData, "function 'Scaled': is called too deeply, or by itself", builder);
}

}  // namespace
}  // namespace einet::graph
