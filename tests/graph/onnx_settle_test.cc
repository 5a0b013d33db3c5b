// Values that depend only on shapes are computed when loading, for any batch size if possible.

#include <gtest/gtest.h>

#include "expect_error.h"
#include "graph/model_builder.h"
#include "graph/onnx_file.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

using onnx::TensorProto;
using Ints = std::vector<std::int64_t>;

// x [N,6,4,4] or as given.
struct Model : ModelBuilder {
  explicit Model(Ints shape = {-1, 6, 4, 4}, std::int64_t opset = 13) : ModelBuilder(opset) {
    model.mutable_graph()->clear_input();
    add_input("x", shape);
  }
  void add_integers(const std::string& name, const Ints& values) {
    auto& tensor = add_tensor(name, TensorProto::INT64, {static_cast<std::int64_t>(values.size())});
    for (const std::int64_t value : values) tensor.add_int64_data(value);
  }
  void add_list(onnx::NodeProto& node, const std::string& name, const Ints& values) {
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute.add_ints(value);
  }
  Graph load(const LoadOptions& options = {}) const { return parse_onnx(bytes(), "m.onnx", options); }
};

// As written by torch.onnx.export for x.view(x.size(0), -1).
Model view_by_size() {
  Model m;
  m.add_node("Shape", {"x"}, "s");
  m.add_tensor("zero", TensorProto::INT64, {}).add_int64_data(0);
  m.add_node("Gather", {"s", "zero"}, "n");
  m.add_integers("axes", {0});
  m.add_node("Unsqueeze", {"n", "axes"}, "n1");
  m.add_integers("rest", {-1});
  add_attribute(m.add_node("Concat", {"n1", "rest"}, "target"), "axis", std::int64_t{0});
  m.add_node("Reshape", {"x", "target"}, "y");
  return m;
}

TEST(Settle, ViewByBatchSizeSupportsEveryBatch) {
  const Graph graph = view_by_size().load();
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.inputs[0].shape.front(), -1);
  EXPECT_EQ(graph.constant(graph.nodes[0].inputs[1])->ints(), (Ints{0, -1}));
  for (const std::int64_t batch : {1, 2, 7}) EXPECT_EQ(infer_shapes(graph, batch).at("y"), (Shape{batch, 96}));
}

// x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w): every size from the shape.
TEST(Settle, SupportsChannelShuffle) {
  Model m;
  m.add_node("Shape", {"x"}, "s");
  for (const char* dimension : {"0", "1", "2", "3"}) {
    const std::string d = dimension;
    m.add_integers("i" + d, {std::stoll(d)});
    m.add_node("Gather", {"s", "i" + d}, "d" + d);
  }
  m.add_integers("two", {2});
  m.add_node("Div", {"d1", "two"}, "half");
  add_attribute(m.add_node("Concat", {"d0", "two", "half", "d2", "d3"}, "t1"), "axis", std::int64_t{0});
  m.add_node("Reshape", {"x", "t1"}, "r");
  m.add_list(m.add_node("Transpose", {"r"}, "t"), "perm", {0, 2, 1, 3, 4});
  add_attribute(m.add_node("Concat", {"d0", "d1", "d2", "d3"}, "t2"), "axis", std::int64_t{0});
  m.add_node("Reshape", {"t", "t2"}, "y");
  const Graph graph = m.load();
  ASSERT_EQ(graph.nodes.size(), 3u);
  EXPECT_EQ(graph.constant(graph.nodes[0].inputs[1])->ints(), (Ints{0, 2, 3, 4, 4}));
  EXPECT_EQ(infer_shapes(graph, 5).at("y"), (Shape{5, 6, 4, 4}));
}

TEST(Settle, MergesTheBatchWithAnotherDimension) {
  Model m;  // [N,6,4,4] -> [N*6,16] and back.
  m.add_node("Shape", {"x"}, "s");
  m.add_integers("first", {0});
  m.add_integers("six", {6});
  m.add_integers("area", {16});
  m.add_node("Gather", {"s", "first"}, "n");
  m.add_node("Mul", {"n", "six"}, "n6");
  add_attribute(m.add_node("Concat", {"n6", "area"}, "t"), "axis", std::int64_t{0});
  m.add_node("Reshape", {"x", "t"}, "r");
  m.add_node("Reshape", {"r", "s"}, "y");
  const Graph graph = m.load();
  EXPECT_EQ(graph.constant(graph.nodes[0].inputs[1])->ints(), (Ints{-1, 16}));
  EXPECT_EQ(infer_shapes(graph, 4).at("y"), (Shape{4, 6, 4, 4}));
}

TEST(Settle, FixedBatchSizeBecomesOne) {
  Model m;
  m.add_integers("t", {1, 96});
  m.add_node("Reshape", {"x", "t"}, "y");
  EXPECT_EQ(m.load().inputs[0].shape, (Shape{1, 6, 4, 4}));
}

TEST(Settle, ResizeToSizesKeepsTheBatchOpen) {
  Model m;
  m.add_node("Shape", {"x"}, "s");
  for (const auto& [name, value] : {std::pair<const char*, std::int64_t>{"0", 0}, {"2", 2}, {"8", 8}})
    m.add_integers(name, {value});
  m.add_node("Slice", {"s", "0", "2"}, "kept");
  add_attribute(m.add_node("Concat", {"kept", "8", "8"}, "sizes"), "axis", std::int64_t{0});
  m.add_node("Resize", {"x", "", "", "sizes"}, "y");
  const Graph graph = m.load();
  EXPECT_EQ(infer_shapes(graph, 3).at("y"), (Shape{3, 6, 8, 8}));
}

TEST(Settle, SplitBecomesSlices) {
  Model m;
  auto& split = m.add_node("Split", {"x"}, "a", "s");
  split.add_output("b");
  add_attribute(split, "axis", std::int64_t{1});
  m.add_node("Sub", {"b", "a"}, "y");
  const Graph graph = m.load();
  ASSERT_EQ(graph.nodes.size(), 3u);
  EXPECT_EQ(graph.nodes[0].op, "Slice");
  EXPECT_EQ(graph.nodes[1].name, "s.1");
  EXPECT_EQ(graph.constant(graph.nodes[1].inputs[1])->ints(), Ints{3});
  Model uneven;
  uneven.add_integers("sizes", {4, 1});
  auto& wrong = uneven.add_node("Split", {"x", "sizes"}, "y", "s");
  wrong.add_output("b");
  add_attribute(wrong, "axis", std::int64_t{1});
  expect_error(ErrorKind::kInvalidData, "node 's' (Split): cannot split [1,6,4,4]", [&] { uneven.load(); });
}

TEST(Settle, SupportsAxesOfEveryOpset) {
  Model old({-1, 6, 1, 1}, 11);
  old.add_list(old.add_node("Squeeze", {"x"}, "y"), "axes", {2, -1});
  EXPECT_EQ(infer_shapes(old.load(), 2).at("y"), (Shape{2, 6}));
  Model recent({-1, 6, 4, 4}, 18);
  recent.add_integers("axes", {-1, 2});
  add_attribute(recent.add_node("ReduceMean", {"x", "axes"}, "y"), "keepdims", std::int64_t{0});
  const Graph graph = recent.load();
  EXPECT_EQ(graph.nodes[0].inputs, std::vector<std::string>{"x"});
  EXPECT_EQ(infer_shapes(graph, 2).at("y"), (Shape{2, 6}));
  Model pads({-1, 6, 4, 4}, 18);
  pads.add_integers("pads", {1, 2});
  pads.add_integers("axes", {3});
  pads.add_node("Pad", {"x", "pads", "", "axes"}, "y");
  EXPECT_EQ(infer_shapes(pads.load(), 2).at("y"), (Shape{2, 6, 4, 7}));
}

TEST(Settle, SupportsOperatorsOfOldFiles) {
  Model slice({-1, 6, 4, 4}, 9);
  auto& node = slice.add_node("Slice", {"x"}, "y");
  slice.add_list(node, "starts", {1});
  slice.add_list(node, "ends", {-1});
  slice.add_list(node, "axes", {1});
  EXPECT_EQ(infer_shapes(slice.load(), 2).at("y"), (Shape{2, 4, 4, 4}));
  Model upsample({-1, 6, 4, 4}, 9);
  upsample.add_floats("scales", {1, 1, 2, 2}, {4});
  upsample.add_node("Upsample", {"x", "scales"}, "y");
  const Graph graph = upsample.load();
  EXPECT_EQ(graph.nodes[0].op, "Resize");
  EXPECT_EQ(infer_shapes(graph, 2).at("y"), (Shape{2, 6, 8, 8}));
}

TEST(Settle, ComputesConstants) {
  Model m({-1, 4});
  m.add_floats("w", {1, 2, 3, 4, 5, 6, 7, 8}, {2, 4});
  m.add_node("Transpose", {"w"}, "wt");
  m.add_floats("two", {2}, {});
  m.add_node("Mul", {"wt", "two"}, "w2");
  m.add_node("MatMul", {"x", "w2"}, "y");
  const Graph graph = m.load();
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.constant("w2")->floats(), (std::vector<float>{2, 10, 4, 12, 6, 14, 8, 16}));
}

// A class token before the pixels of every image: token.expand(n, 1, c), then cat.
TEST(Settle, ClassTokenKeepsTheBatchOpen) {
  Model m({-1, 3, 2});
  m.add_node("Shape", {"x"}, "s");
  m.add_integers("first", {0});
  m.add_node("Gather", {"s", "first"}, "n");
  m.add_integers("kept", {-1, -1});
  add_attribute(m.add_node("Concat", {"n", "kept"}, "wanted"), "axis", std::int64_t{0});
  m.add_integers("negative", {-1, -1, -1});
  m.add_integers("ones", {1, 1, 1});
  m.add_node("Equal", {"wanted", "negative"}, "open");
  m.add_node("Where", {"open", "ones", "wanted"}, "sizes");
  m.add_floats("token", {5, 7}, {1, 1, 2});
  m.add_node("Expand", {"token", "sizes"}, "tokens");
  add_attribute(m.add_node("Concat", {"tokens", "x"}, "y", "join"), "axis", std::int64_t{1});
  const Graph graph = m.load();
  EXPECT_EQ(graph.inputs[0].shape.front(), -1);
  ASSERT_EQ(graph.nodes.size(), 2u);
  EXPECT_EQ(graph.nodes[0].op, "Pad");
  EXPECT_EQ(graph.constant(graph.nodes[0].inputs[1])->ints(), (Ints{0, 1, 0, 0, 0, 0}));
  EXPECT_EQ(graph.nodes[1].op, "Add");
  EXPECT_EQ(graph.constant(graph.nodes[1].inputs[1])->shape, (Shape{1, 4, 2}));
  EXPECT_EQ(graph.constant(graph.nodes[1].inputs[1])->floats(), (std::vector<float>{5, 7, 0, 0, 0, 0, 0, 0}));
  for (const std::int64_t batch : {1, 5}) EXPECT_EQ(infer_shapes(graph, batch).at("y"), (Shape{batch, 4, 2}));
}

// x + value.expand(n, 4): one value for all images. With different values for each image the batch cannot remain open.
TEST(Settle, SupportsAValueRepeatedForEveryImage) {
  for (const bool alike : {true, false}) {
    Model m({-1, 4});
    m.add_node("Shape", {"x"}, "s");
    m.add_integers("zero", {0});
    m.add_node("Gather", {"s", "zero"}, "n");
    m.add_integers("four", {4});
    if (alike) {
      m.add_floats("value", {1, 2, 3, 4}, {1, 4});
      add_attribute(m.add_node("Concat", {"n", "four"}, "sizes"), "axis", std::int64_t{0});
      m.add_node("Expand", {"value", "sizes"}, "values");
    } else {
      m.add_tensor("start", TensorProto::INT64, {}).add_int64_data(0);
      m.add_tensor("step", TensorProto::INT64, {}).add_int64_data(1);
      m.add_integers("axes", {0});
      m.add_node("Squeeze", {"n", "axes"}, "end");
      m.add_node("Range", {"start", "end", "step"}, "count");
      add_attribute(m.add_node("Cast", {"count"}, "floats"), "to", std::int64_t{TensorProto::FLOAT});
      m.add_integers("last", {1});
      m.add_node("Unsqueeze", {"floats", "last"}, "values");
    }
    m.add_node("Add", {"x", "values"}, "y");
    const Graph graph = m.load();
    EXPECT_EQ(graph.inputs[0].shape.front(), alike ? -1 : 1);
    ASSERT_EQ(graph.nodes.size(), 1u);
    EXPECT_EQ(graph.constant(graph.nodes[0].inputs[1])->floats(),
              alike ? (std::vector<float>{1, 2, 3, 4}) : std::vector<float>{0});
  }
}

// PyTorch 2 always sets allowzero, which has an effect only if there is a 0.
TEST(Settle, IgnoresAllowZeroWithoutAZero) {
  for (const std::int64_t first : {-1, 0}) {
    Model m({-1, 6, 4, 4}, 18);
    m.add_integers("shape", {first, 6, 16});
    add_attribute(m.add_node("Reshape", {"x", "shape"}, "y", "r"), "allowzero", std::int64_t{1});
    if (first == 0) {
      expect_error(ErrorKind::kUnsupported, "node 'r' (Reshape): a dimension of size 0", [&] { m.load(); });
    } else {
      EXPECT_EQ(infer_shapes(m.load(), 3).at("y"), (Shape{3, 6, 16}));
    }
  }
}

TEST(Settle, EinsumBecomesAProduct) {
  const auto load = [](const std::string& equation) {
    Model m({-1, 2, 5, 3});
    auto& node = m.add_node("Einsum", {"x", "x"}, "y", "e");
    auto& attribute = *node.add_attribute();
    attribute.set_name("equation");
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(equation);
    return m.load();
  };
  const Graph scores = load("b g i d, b g j d -> b g i j");
  EXPECT_EQ(scores.inputs[0].shape.front(), -1);
  EXPECT_EQ(infer_shapes(scores, 4).at("y"), (Shape{4, 2, 5, 5}));
  EXPECT_EQ(scores.nodes.back().op, "MatMul");
  EXPECT_EQ(infer_shapes(load("bgid,bhjd->bigjh"), 4).at("y"), (Shape{4, 5, 2, 5, 2}));
  EXPECT_EQ(infer_shapes(load("...gid,...gjd->...ij"), 3).at("y"), (Shape{3, 5, 5}));
  EXPECT_EQ(infer_shapes(load("bgid,bgik->bg"), 3).at("y"), (Shape{3, 2}));
  expect_error(ErrorKind::kUnsupported, "node 'e' (Einsum): a label twice", [&] { load("bgii,bgid->bg"); });
  expect_error(ErrorKind::kInvalidData, "its equation does not match", [&] { load("bgi,bgid->bg"); });
  expect_error(ErrorKind::kInvalidData, "has a label in the result that is in no term", [&] { load("bgid,bgid->bz"); });
  expect_error(ErrorKind::kInvalidData, "an equation of 1 terms", [&] { load("bgid->bg"); });
  expect_error(ErrorKind::kInvalidData, "its equation is damaged", [&] { load("b?id,bgid->b"); });
}

TEST(Settle, SelectsElementsOfComputedValues) {
  const auto load = [](const std::string& op, const Ints& list) {
    Model m;
    m.add_integers("list", list);
    m.add_node(op, {"x", "list"}, "y", "n");
    return m.load();
  };
  const auto gather = [](const Ints& list, std::int64_t axis) {
    Model m;
    m.add_integers("list", list);
    add_attribute(m.add_node("Gather", {"x", "list"}, "y", "n"), "axis", axis);
    return m.load();
  };
  EXPECT_EQ(infer_shapes(gather({5, -6}, 1), 3).at("y"), (Shape{3, 2, 4, 4}));
  EXPECT_EQ(infer_shapes(load("Tile", {1, 2, 1, 3}), 3).at("y"), (Shape{3, 12, 4, 12}));
  EXPECT_EQ(infer_shapes(load("Expand", {2, 1, 1, 4, 1}), 3).at("y"), (Shape{2, 3, 6, 4, 4}));
  expect_error(ErrorKind::kInvalidData, "node 'n' (Gather): gathers element 6 of 6", [&] { gather({6}, 1); });
  for (const char* op : {"Gather", "Expand", "Tile"}) {  // Of a constant, which is computed when loading.
    Model m;
    m.add_floats("c", {1, 2}, {2});
    m.add_node(op, {"c"}, "one", "n");
    m.add_node("Add", {"x", "one"}, "y");
    expect_error(ErrorKind::kInvalidData, std::string("node 'n' (") + op + "): has no input 2", [&] { m.load(); });
  }
  expect_error(ErrorKind::kInvalidData, "node 'n' (Tile)", [&] { load("Tile", {1, 1, 1, 1ll << 62}); });
  expect_error(ErrorKind::kInvalidData, "node 'n' (Tile): has 1 repeats for 4 dimensions", [&] { load("Tile", {2}); });
  expect_error(ErrorKind::kInvalidData, "node 'n' (Expand): cannot expand", [&] { load("Expand", {5, 4, 4}); });
  expect_error(ErrorKind::kInvalidData, "too large", [&] { load("Expand", {1ll << 40, 1, 6, 4, 4}); });
}

TEST(Settle, RejectsHugeValuesBeforeAllocating) {
  Model filled;
  filled.add_integers("s", {1 << 20, 1 << 20});
  filled.add_node("ConstantOfShape", {"s"}, "c", "fill");
  filled.add_node("Add", {"x", "c"}, "y");
  expect_error(ErrorKind::kInvalidData,
               "node 'fill' (ConstantOfShape): its result [1048576,1048576] is empty or too large",
               [&] { filled.load(); });
  Model resized;
  resized.add_integers("sizes", {1, 6, 1ll << 40, 1ll << 40});
  resized.add_node("Resize", {"x", "", "", "sizes"}, "y", "grow");
  expect_error(ErrorKind::kInvalidData, "node 'grow' (Resize)", [&] { resized.load(); });
}

TEST(Settle, GivenShapeReplacesOpenDimensions) {
  Model m({-1, 3, 4, 4});
  for (int d = 1; d < 4; ++d) {
    m.model.mutable_graph()
        ->mutable_input(0)
        ->mutable_type()
        ->mutable_tensor_type()
        ->mutable_shape()
        ->mutable_dim(d)
        ->set_dim_param("d");
  }
  m.add_node("Relu", {"x"}, "y");
  LoadOptions options;
  expect_error(ErrorKind::kUnsupported, "give the others with --shape (?x?x?)", [&] { m.load(options); });
  options.input_shape = {3, 8, 9};
  EXPECT_EQ(m.load(options).inputs[0].shape, (Shape{-1, 3, 8, 9}));
  options.input_shape = {2, 3, 8, 9};
  EXPECT_EQ(m.load(options).inputs[0].shape, (Shape{2, 3, 8, 9}));
  options.input_shape = {8, 9};
  expect_error(ErrorKind::kUsage, "[8,9] does not match", [&] { m.load(options); });
}

TEST(Settle, WritesNotes) {
  PassNotes notes;
  view_by_size().load({.notes = &notes});
  ASSERT_EQ(notes.size(), 4u);
  EXPECT_EQ(notes[3].pass, "recognition");
  EXPECT_EQ(notes[2].pass, "shapes");
  EXPECT_TRUE(notes[2].did.starts_with("5 nodes became 1")) << notes[2].did;
}

}  // namespace
}  // namespace einet::graph
