#include "graph/head.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "expect_error.h"

namespace einet::graph {
namespace {

Node node(const std::string& op, std::vector<std::string> inputs, const std::string& output) {
  return {op, output, std::move(inputs), {output}, {}};
}

/// A graph of the nodes with input "in" and a constant "c".
Graph make(std::vector<Node> nodes) {
  Graph graph;
  graph.inputs = {{"in", {-1, 4}}};
  graph.initializers.emplace("c", Tensor({1}, std::vector<float>{2.0f}));
  graph.outputs = {nodes.back().outputs.front()};
  graph.nodes = std::move(nodes);
  return graph;
}

/// The head found for a chain of operators after a layer.
FoundHead head_of(const std::vector<std::string>& ops) {
  std::vector<Node> nodes = {node("Gemm", {"in", "c"}, "v0")};
  for (std::size_t i = 0; i < ops.size(); ++i) {
    nodes.push_back(node(ops[i], {"v" + std::to_string(i)}, "v" + std::to_string(i + 1)));
  }
  const Graph graph = make(std::move(nodes));
  return find_head(graph, graph.outputs.front());
}

TEST(Head, IsFoundThroughOperatorsThatKeepTheKind) {
  EXPECT_EQ(head_of({}).head, Head::kLogits);
  EXPECT_EQ(head_of({"Relu", "Reshape"}).head, Head::kLogits);
  for (const std::string passing : {"Reshape", "Flatten", "Clip", "Identity", "Dropout", "Transpose", "Squeeze"}) {
    EXPECT_EQ(head_of({"Softmax", passing}).head, Head::kSoftmax) << passing;
    EXPECT_EQ(head_of({"LogSoftmax", passing}).head, Head::kLogSoftmax) << passing;
    EXPECT_EQ(head_of({"Sigmoid", passing, passing}).head, Head::kSigmoid) << passing;
    EXPECT_EQ(head_of({"Sigmoid", passing}).undecided_at, "") << passing;
  }
  EXPECT_EQ(head_of({"Sigmoid", "Softmax"}).head, Head::kSoftmax);
}

TEST(Head, IsLogitsAfterALayer) {
  const Graph graph =
      make({node("Sigmoid", {"in"}, "gate"), node("Mul", {"in", "gate"}, "swish"), node("Softmax", {"swish"}, "s"),
            node("Conv", {"s", "c"}, "y"), node("Add", {"y", "c"}, "z")});
  for (const std::string value : {"swish", "y", "z"}) {
    EXPECT_EQ(find_head(graph, value).head, Head::kLogits) << value;
    EXPECT_EQ(find_head(graph, value).undecided_at, "") << value;
  }
}

TEST(Head, OfConcatenatedSigmoidsIsSigmoid) {
  const Graph graph = make({node("Sigmoid", {"in"}, "a"), node("Sigmoid", {"in"}, "b"), node("Concat", {"a", "b"}, "y"),
                            node("Softmax", {"in"}, "s"), node("Concat", {"a", "s"}, "z")});
  EXPECT_EQ(find_head(graph, "y").head, Head::kSigmoid);
  EXPECT_EQ(find_head(graph, "z").undecided_at, "node 'z' (Concat)");
}

TEST(Head, IsUndecidedAfterArithmeticOnProbabilities) {
  Graph graph = make({node("Exp", {"in"}, "e"), node("ReduceSum", {"e"}, "sum"), node("Div", {"e", "sum"}, "softmax"),
                      node("Softmax", {"in"}, "s"), node("Mul", {"s", "c"}, "scaled"), node("Sub", {"in", "e"}, "log"),
                      node("Flatten", {"softmax"}, "y")});
  for (const std::string value : {"softmax", "scaled", "log", "y"}) {
    EXPECT_EQ(find_head(graph, value).head, Head::kLogits) << value;
    EXPECT_NE(find_head(graph, value).undecided_at, "") << value;
  }
  EXPECT_EQ(find_head(graph, "y").undecided_at, "node 'softmax' (Div)");
  graph.head = Head::kSoftmax;
  EXPECT_EQ(find_head(graph, "y").head, Head::kSoftmax);
  EXPECT_EQ(find_head(graph, "in").head, Head::kLogits) << "a determined head is kept";
}

TEST(Head, ClassesAreTheOnlyLongAxis) {
  EXPECT_EQ(class_count({1, 5}, Head::kLogits), 5);
  EXPECT_EQ(class_count({7, 5, 1, 1}, Head::kSoftmax), 5);
  EXPECT_EQ(class_count({7, 1, 5}, Head::kSigmoid), 5);
  EXPECT_EQ(class_count({1, 1}, Head::kSigmoid), 2);
  EXPECT_EQ(class_count({4}, Head::kSigmoid), 2);
  EXPECT_EQ(class_count({1, 1}, Head::kLogits), 0);
  EXPECT_EQ(class_count({1, 68, 2}, Head::kLogits), 0);
  EXPECT_EQ(class_count({}, Head::kSigmoid), 0);
}

TEST(Head, ErrorsNameTheOutput) {
  const Graph graph = make({node("Gemm", {"in", "c"}, "points")});
  EXPECT_EQ(exit_classes(graph, "points", {1, 68}), 68);
  expect_error(ErrorKind::kInvalidData, "output 'points': has the shape [1,68,2]: the network is not a classifier",
               [&] {
                 exit_classes(graph, "points", {1, 68, 2});
               });
}

TEST(Head, HasNames) {
  for (const std::string& name : head_names()) EXPECT_EQ(to_string(*parse_head(name)), name);
  EXPECT_FALSE(parse_head("relu"));
}

}  // namespace
}  // namespace einet::graph
