#include "train/exits.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "train/interpreter.h"
#include "train/plain_loops.h"

namespace einet::train {
namespace {

using Ints = std::vector<std::int64_t>;
using graph::Node;

/// x [N,size] followed by the nodes, each reading the previous one.
graph::Graph chain(std::int64_t size, std::vector<Node> nodes) {
  graph::Graph graph;
  graph.name = "chain";
  graph.inputs = {{"x", {-1, size}}};
  graph.initializers = {{"map.shape", graph::Tensor({4}, Ints{0, size, 1, 1})},
                        {"row.shape", graph::Tensor({2}, Ints{0, size})},
                        {"low", graph::Tensor({}, std::vector<float>{1e-6f})}};
  nodes.insert(nodes.begin(), {"Identity", "first", {}, {}, {}});
  std::string value = "x";
  for (Node& node : nodes) {
    node.inputs.insert(node.inputs.begin(), value);
    node.outputs = {value = node.name};
  }
  graph.nodes = std::move(nodes);
  graph.outputs = {value};
  return graph;
}

at::Tensor some_logits(std::int64_t size) { return at::tensor(random_values(6 * size, 3)).reshape({6, size}); }

/// The exit's logits for `x`.
at::Tensor logits_of(const graph::Graph& graph, const at::Tensor& x) {
  const std::vector<ExitReading> exits = read_exits(graph);
  graph::Graph reading = graph;
  reading.outputs = {exits.at(0).value};
  return exits[0].logits(Interpreter(reading, at::kCPU).forward(x, false)[0]);
}

const std::map<std::string, graph::Attribute> kClasses = {{"axis", std::int64_t{1}}};

// Whatever form its probabilities have, an exit is read at its logits, so that softmax is not applied twice.
TEST(Exits, AreReadBeforeTheirSoftmax) {
  const at::Tensor x = some_logits(4);
  const Node softmax{"Softmax", "p", {}, {}, kClasses}, log_softmax{"LogSoftmax", "p", {}, {}, kClasses};
  const Node row{"Reshape", "row", {"row.shape"}, {}, {}}, map{"Reshape", "map", {"map.shape"}, {}, {}};
  for (const std::vector<Node>& nodes : {std::vector<Node>{},
                                         {map},
                                         {softmax},
                                         {log_softmax},
                                         {softmax, map},
                                         {map, softmax, row},
                                         {map, log_softmax, row},
                                         {softmax, {"Clip", "clip", {"low"}, {}, {}}},
                                         {{"Sigmoid", "s", {}, {}, {}}, map}}) {
    const graph::Graph graph = chain(4, nodes);
    EXPECT_TRUE(logits_of(graph, x).equal(x)) << graph.outputs[0];
    EXPECT_EQ(read_exits(graph)[0].independent, graph.nodes[1 % graph.nodes.size()].op == "Sigmoid");
  }
}

// The classes are 0 and 1; the sigmoid is the probability of class 1.
TEST(Exits, OfASingleSigmoidHaveTwoClasses) {
  const at::Tensor x = some_logits(1);
  const graph::Graph graph = chain(1, {{"Sigmoid", "s", {}, {}, {}}});
  EXPECT_EQ(read_exits(graph)[0].classes, 2);
  EXPECT_FALSE(read_exits(graph)[0].independent);
  const at::Tensor shares = at::softmax(logits_of(graph, x), 1);
  EXPECT_TRUE(shares.narrow(1, 1, 1).allclose(at::sigmoid(x)));
  EXPECT_TRUE(shares.sum(1).allclose(at::ones({6})));
}

// If another operator computes the probabilities, the logits are derived from them.
TEST(Exits, DeriveLogitsFromOtherProbabilities) {
  const at::Tensor x = some_logits(4);
  const graph::Graph hard = chain(4, {{"HardSigmoid", "s", {}, {}, {}}});
  const at::Tensor shares = (x * 0.2 + 0.5).clamp(0, 1);
  EXPECT_TRUE(at::sigmoid(logits_of(hard, x)).allclose(shares, 1e-4, 1e-6));
  EXPECT_TRUE(read_exits(hard)[0].independent);

  graph::Graph written_out = chain(4, {{"Exp", "e", {}, {}, {}}});
  written_out.nodes.push_back({"ReduceSum", "sum", {"e"}, {"sum"}, {{"axes", Ints{1}}}});
  written_out.nodes.push_back({"Div", "shares", {"e", "sum"}, {"shares"}, {}});
  written_out.outputs = {"shares"};
  written_out.head = graph::Head::kSoftmax;
  EXPECT_TRUE(at::softmax(logits_of(written_out, x), 1).allclose(at::softmax(x, 1), 1e-4, 1e-6));
}

TEST(Exits, MustBeThoseOfAClassifier) {
  expect_error(ErrorKind::kInvalidData, "output 'first': has the shape [1,1]: the network is not a classifier",
               [] { read_exits(chain(1, {})); });
}

}  // namespace
}  // namespace einet::train
