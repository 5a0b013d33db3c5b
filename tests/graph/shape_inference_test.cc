#include "graph/shape_inference.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "expect_error.h"
#include "graph/networks.h"

namespace einet::graph {
namespace {

using Ints = std::vector<std::int64_t>;
using Attributes = std::map<std::string, Attribute>;

// One node that reads "x" of `shape` and the constants `others`.
struct Single {
  Graph graph;

  Single(std::string op, const Shape& shape, const std::vector<Tensor>& others, Attributes attributes) {
    graph.inputs = {{"x", shape}};
    Node node{std::move(op), "n", {"x"}, {"y"}, std::move(attributes)};
    for (std::size_t i = 0; i < others.size(); ++i) {
      node.inputs.push_back(std::string("w").append(std::to_string(i)));
      graph.initializers[node.inputs.back()] = others[i];
    }
    graph.nodes = {std::move(node)};
    graph.outputs = {"y"};
  }
};

Tensor zeros(const Shape& shape) {
  return Tensor(shape, std::vector<float>(static_cast<std::size_t>(element_count(shape))));
}

Tensor ints(const Ints& values) { return Tensor({static_cast<std::int64_t>(values.size())}, values); }

Shape infer(const std::string& op, const Shape& shape, const std::vector<Tensor>& others = {},
            const Attributes& attributes = {}) {
  return infer_shapes(Single(op, shape, others, attributes).graph).at("y");
}

void refused(ErrorKind kind, const std::string& message, const std::string& op, const Shape& shape,
             const std::vector<Tensor>& others = {}, const Attributes& attributes = {}) {
  expect_error(kind, "node 'n' (" + op + "): " + message, [&] { infer(op, shape, others, attributes); });
}

TEST(Shapes, Convolutions) {
  const Attributes pad1 = {{"pads", Ints{1, 1, 1, 1}}};
  EXPECT_EQ(infer("Conv", {-1, 3, 32, 32}, {zeros({8, 3, 3, 3})}, pad1), (Shape{1, 8, 32, 32}));
  EXPECT_EQ(infer("Conv", {2, 4, 9, 7}, {zeros({8, 2, 3, 1}), zeros({8})}, {{"group", std::int64_t{2}}}),
            (Shape{2, 8, 7, 7}));
  EXPECT_EQ(infer("Conv", {1, 4, 10}, {zeros({4, 1, 3})}, {{"group", std::int64_t{4}}, {"dilations", Ints{3}}}),
            (Shape{1, 4, 4}));
  refused(ErrorKind::kInvalidData, "weights [8,4,3,3] in 1 groups", "Conv", {1, 3, 8, 8}, {zeros({8, 4, 3, 3})});
  refused(ErrorKind::kInvalidData, "bias [7] instead of [8]", "Conv", {1, 3, 8, 8}, {zeros({8, 3, 3, 3}), zeros({7})});
  refused(ErrorKind::kInvalidData, "cannot convolve [1,3]", "Conv", {1, 3}, {zeros({8, 3, 3, 3})});
  refused(ErrorKind::kInvalidData, "kernel_shape disagrees", "Conv", {1, 3, 8, 8}, {zeros({8, 3, 3, 3})},
          {{"kernel_shape", Ints{5, 5}}});
  refused(ErrorKind::kInvalidData, "weights [8,3,3,3] in 0 groups", "Conv", {1, 3, 8, 8}, {zeros({8, 3, 3, 3})},
          {{"group", std::int64_t{0}}});
}

TEST(Shapes, Poolings) {
  const Attributes window = {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"ceil_mode", std::int64_t{1}}};
  EXPECT_EQ(infer("MaxPool", {1, 4, 32, 32}, {}, window), (Shape{1, 4, 16, 16}));
  EXPECT_EQ(infer("AveragePool", {1, 4, 8, 8}, {}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}}),
            (Shape{1, 4, 4, 4}));
  EXPECT_EQ(infer("GlobalAveragePool", {2, 4, 8, 8}), (Shape{2, 4, 1, 1}));
  refused(ErrorKind::kInvalidData, "kernel_shape must be 2 numbers", "MaxPool", {1, 4, 8, 8});
  refused(ErrorKind::kInvalidData, "has windows that are entirely in the padding", "MaxPool", {1, 4, 8, 8}, {},
          {{"kernel_shape", Ints{2, 2}}, {"pads", Ints{2, 2, 2, 2}}});
}

TEST(Shapes, Matrices) {
  const Attributes transposed = {{"transB", std::int64_t{1}}};
  EXPECT_EQ(infer("Gemm", {-1, 64}, {zeros({10, 64}), zeros({10})}, transposed), (Shape{1, 10}));
  EXPECT_EQ(infer("Gemm", {64, 5}, {zeros({64, 10})}, {{"transA", std::int64_t{1}}}), (Shape{5, 10}));
  refused(ErrorKind::kInvalidData, "cannot multiply [1,64] by [10,64]", "Gemm", {-1, 64}, {zeros({10, 64})});
  refused(ErrorKind::kInvalidData, "cannot add [9] to [1,10]", "Gemm", {-1, 64}, {zeros({10, 64}), zeros({9})},
          transposed);
  refused(ErrorKind::kInvalidData, "needs two matrices", "Gemm", {1, 3, 4}, {zeros({3, 4})});
  EXPECT_EQ(infer("MatMul", {2, 5, 3, 4}, {zeros({5, 4, 6})}), (Shape{2, 5, 3, 6}));
  EXPECT_EQ(infer("MatMul", {4}, {zeros({4, 6})}), (Shape{6}));
  EXPECT_EQ(infer("MatMul", {3, 4}, {zeros({4})}), (Shape{3}));
  refused(ErrorKind::kInvalidData, "cannot multiply [3,4] by [5,6]", "MatMul", {3, 4}, {zeros({5, 6})});
}

TEST(Shapes, Elementwise) {
  EXPECT_EQ(infer("Add", {2, 3, 4}, {zeros({3, 1})}), (Shape{2, 3, 4}));
  EXPECT_EQ(infer("Mul", {1, 3}, {zeros({5, 1, 1})}), (Shape{5, 1, 3}));
  refused(ErrorKind::kInvalidData, "shapes [2,3] and [2] cannot be broadcast", "Sub", {2, 3}, {zeros({2})});
  for (const char* op : {"Relu", "LeakyRelu", "Clip", "Sigmoid", "Tanh", "Identity", "Dropout", "Softmax"}) {
    EXPECT_EQ(infer(op, {-1, 3, 4}), (Shape{1, 3, 4})) << op;
  }
  EXPECT_EQ(infer("Clip", {1, 3}, {zeros({}), zeros({1})}), (Shape{1, 3}));
  refused(ErrorKind::kInvalidData, "'w0' is not a float scalar", "Clip", {1, 3}, {zeros({2})});
  refused(ErrorKind::kInvalidData, "axis 2 of a value with 2 dimensions", "Softmax", {1, 3}, {},
          {{"axis", std::int64_t{2}}});
}

TEST(Shapes, Normalizations) {
  const Tensor c = zeros({3});
  EXPECT_EQ(infer("BatchNormalization", {1, 3, 4}, {c, c, c, c}), (Shape{1, 3, 4}));
  EXPECT_EQ(infer("LRN", {1, 3, 4, 4}, {}, {{"size", std::int64_t{3}}}), (Shape{1, 3, 4, 4}));
  refused(ErrorKind::kInvalidData, "parameter [4] instead of [3]", "BatchNormalization", {1, 3, 4},
          {c, zeros({4}), c, c});
  refused(ErrorKind::kInvalidData, "has 4 inputs", "BatchNormalization", {1, 3, 4}, {c, c, c});
  refused(ErrorKind::kInvalidData, "the variance 'w3' has a negative value", "BatchNormalization", {1, 3, 4},
          {c, c, c, Tensor({3}, std::vector<float>{1, -1, 1})});
  refused(ErrorKind::kInvalidData, "size must be at least 1", "LRN", {1, 3, 4, 4});
}

TEST(Shapes, Arrangements) {
  EXPECT_EQ(infer("Concat", {1, 3, 4}, {zeros({1, 2, 4})}, {{"axis", std::int64_t{1}}}), (Shape{1, 5, 4}));
  EXPECT_EQ(infer("Concat", {1, 3, 4}, {zeros({1, 3, 1})}, {{"axis", std::int64_t{-1}}}), (Shape{1, 3, 5}));
  refused(ErrorKind::kInvalidData, "cannot join [1,3,4] and [1,3,5]", "Concat", {1, 3, 4}, {zeros({1, 3, 5})},
          {{"axis", std::int64_t{1}}});
  refused(ErrorKind::kInvalidData, "has no attribute 'axis'", "Concat", {1, 3, 4});
  EXPECT_EQ(infer("Flatten", {2, 3, 4}), (Shape{2, 12}));
  EXPECT_EQ(infer("Flatten", {2, 3, 4}, {}, {{"axis", std::int64_t{0}}}), (Shape{1, 24}));
  EXPECT_EQ(infer("Flatten", {2, 3, 4}, {}, {{"axis", std::int64_t{3}}}), (Shape{24, 1}));
  EXPECT_EQ(infer("Reshape", {2, 3, 4}, {ints({0, -1})}), (Shape{2, 12}));
  EXPECT_EQ(infer("Reshape", {2, 3, 4}, {ints({-1, 2, 2})}), (Shape{6, 2, 2}));
  refused(ErrorKind::kInvalidData, "cannot reshape [2,3,4] to [5,N]", "Reshape", {2, 3, 4}, {ints({5, -1})});
  refused(ErrorKind::kInvalidData, "cannot reshape [2,3,4] to [N,N]", "Reshape", {2, 3, 4}, {ints({-1, -1})});
  refused(ErrorKind::kInvalidData, "the shape is not a list of integers", "Reshape", {2, 3, 4}, {zeros({2})});
}

TEST(Shapes, RejectsUnsupportedNodes) {
  refused(ErrorKind::kUnsupported, "this operator is not supported", "Einsum", {1, 3});
  refused(ErrorKind::kUnsupported, "the attribute 'magic' is not supported", "Relu", {1, 3}, {}, {{"magic", 1.0f}});
  refused(ErrorKind::kInvalidData, "has 2 inputs", "Relu", {1, 3}, {zeros({1})});
  refused(ErrorKind::kInvalidData, "its result [1,1,1073741824,1073741824] is empty or too large", "Conv",
          {1, 1, 1 << 30, 1 << 30}, {zeros({1, 1, 1, 1})});
  Graph dynamic = Single("Reshape", {2, 3}, {}, {}).graph;
  dynamic.nodes[0].inputs.push_back("x");
  expect_error(ErrorKind::kUnsupported, "the shape 'x' is not a constant", [&] { infer_shapes(dynamic); });
  Graph two = Single("Dropout", {2, 3}, {}, {}).graph;
  two.nodes[0].outputs.push_back("mask");
  expect_error(ErrorKind::kUnsupported, "more than one output", [&] { infer_shapes(two); });
}

TEST(Shapes, FollowTheBatch) {
  const Graph graph = small_network();
  const Shapes one = infer_shapes(graph, 1);
  const Shapes five = infer_shapes(graph, 5);
  for (const Node& node : graph.nodes) {
    Shape expected = one.at(node.outputs[0]);
    expected.front() = 5;
    EXPECT_EQ(five.at(node.outputs[0]), expected) << node.name;
  }
  EXPECT_EQ(one.at("cat"), (Shape{1, 12, 8, 8}));
}

TEST(Shapes, ListOfOperatorsIsSorted) {
  const auto& names = supported_operators();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  for (const char* name : {"Conv", "Gemm", "Concat", "LRN"}) {
    EXPECT_TRUE(std::binary_search(names.begin(), names.end(), name)) << name;
  }
}

}  // namespace
}  // namespace einet::graph
