#include "train/windows.h"

#include <random>

#include "einet/error.h"
#include "expect_error.h"
#include "graph/shape_inference.h"
#include "train/plain_loops.h"

namespace einet::train {
namespace {

using Ints = std::vector<std::int64_t>;
using Attributes = std::map<std::string, graph::Attribute>;

/// One window over images [N,3,7,8].
graph::Graph one_node(const std::string& op, Attributes attributes) {
  graph::Graph graph;
  graph.name = "windows";
  graph.inputs = {{"x", {-1, 3, 7, 8}}};
  std::vector<std::string> inputs = {"x"};
  if (op == "Conv") {
    const Ints kernel = std::get<Ints>(attributes.at("kernel_shape"));
    const graph::Shape shape = {2, 3, kernel[0], kernel[1]};
    const auto count = static_cast<std::size_t>(graph::element_count(shape));
    graph.initializers.emplace("w", graph::Tensor(shape, random_values(count, 3)));
    inputs.emplace_back("w");
  }
  graph.nodes = {{op, "window", inputs, {"y"}, std::move(attributes)}};
  graph.outputs = {"y"};
  return graph;
}

TEST(Windows, AgreeWithPlainLoops) {
  expect_agreement_with_plain_loops(
      one_node("Conv", {{"kernel_shape", Ints{3, 4}}, {"auto_pad", std::string("SAME_UPPER")}}), 2);
  expect_agreement_with_plain_loops(
      one_node("AveragePool", {{"kernel_shape", Ints{2, 3}}, {"pads", Ints{0, 1, 1, 2}}, {"strides", Ints{2, 1}}}), 2);
  expect_agreement_with_plain_loops(one_node("MaxPool", {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{2, 2, 2, 2}}}), 2);
}

TEST(Windows, RandomOnesAgreeWithPlainLoops) {
  std::mt19937_64 random(1);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
  };
  const std::string automatic[] = {"SAME_UPPER", "SAME_LOWER", "VALID"};
  std::map<std::string, int> done;
  for (int round = 0; round < 600; ++round) {
    const std::string op = std::vector<std::string>{"Conv", "MaxPool", "AveragePool"}[round % 3];
    Attributes attributes = {{"kernel_shape", Ints{pick(1, 4), pick(1, 4)}}, {"strides", Ints{pick(1, 3), pick(1, 3)}}};
    if (pick(0, 2) == 0) attributes["dilations"] = Ints{pick(1, 2), pick(1, 2)};
    if (pick(0, 2) == 0) {
      attributes["auto_pad"] = automatic[pick(0, 2)];
    } else {
      attributes["pads"] = Ints{pick(0, 2), pick(0, 2), pick(0, 2), pick(0, 2)};
    }
    if (op != "Conv") attributes["ceil_mode"] = pick(0, 1);
    if (op == "AveragePool") attributes["count_include_pad"] = pick(0, 1);
    const graph::Graph graph = one_node(op, attributes);
    try {
      graph::infer_shapes(graph, 1);
    } catch (const Error&) {
      continue;  // Windows entirely in the padding.
    }
    ++done[op];
    expect_agreement_with_plain_loops(graph, 2);
    ASSERT_FALSE(::testing::Test::HasFailure()) << op << " in round " << round;
  }
  for (const char* op : {"Conv", "MaxPool", "AveragePool"}) EXPECT_GT(done[op], 100) << op;
}

// Windows (padding, a), (a, b), (b, c): the first average is a alone.
TEST(Windows, GradientsOfAnAveragePaddedOnOneSide) {
  const graph::Node node = {
      "AveragePool", "p", {"x"}, {"y"}, {{"kernel_shape", Ints{1, 2}}, {"pads", Ints{0, 1, 0, 0}}}};
  const at::Tensor x = at::tensor({1.0f, 2.0f, 3.0f}).reshape({1, 1, 1, 3}).requires_grad_(true);
  const at::Tensor y = average_pool({}, node)(std::vector<at::Tensor>{x}, true);
  EXPECT_TRUE(at::equal(y.flatten(), at::tensor({1.0f, 1.5f, 2.5f}))) << y;
  y.sum().backward();
  EXPECT_TRUE(at::equal(x.grad().flatten(), at::tensor({1.5f, 1.0f, 0.5f}))) << x.grad();
}

TEST(Windows, MustHaveTwoDimensions) {
  const graph::Node node = {"MaxPool", "p", {"x"}, {"y"}, {{"kernel_shape", Ints{2}}}};
  expect_error(ErrorKind::kUnsupported, "node 'p' (MaxPool): only windows over two dimensions", [&] {
    max_pool({}, node)(std::vector<at::Tensor>{at::ones({1, 1, 4})}, false);
  });
}

}  // namespace
}  // namespace einet::train
