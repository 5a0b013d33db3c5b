#include "train/operators.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "graph/cost.h"
#include "graph/shape_inference.h"
#include "train/plain_loops.h"

namespace einet::train {
namespace {

using Ints = std::vector<std::int64_t>;
using graph::Node;
using graph::Tensor;

enum class Values { kAny, kPositive };

/// One node that reads "x" and constants.
struct Case {
  Node node;
  graph::Shape x = {2, 4, 3, 5};
  std::map<std::string, Tensor> constants = {};
  Values values = Values::kAny;
};

/// Distinct values, not near the kinks and jumps of Abs, Clip(-1, 1), Round, …: 0.3 to 2.3, half of them negative.
std::vector<float> spread_values(std::size_t count, Values kind, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = 0.3f + 2.0f * static_cast<float>(i) / static_cast<float>(count);
    if (const float twice = 2 * values[i]; std::abs(twice - std::round(twice)) < 0.02f) values[i] += 0.02f;
    if (kind == Values::kAny && random() % 2 == 0) values[i] = -values[i];
  }
  std::shuffle(values.begin(), values.end(), random);
  return values;
}

Tensor floats(graph::Shape shape, Values kind = Values::kAny) {
  const auto count = static_cast<std::size_t>(graph::element_count(shape));
  return {std::move(shape), spread_values(count, kind, 7 + count)};
}
Tensor ints(const Ints& values) { return {{static_cast<std::int64_t>(values.size())}, values}; }
Tensor scalar(float value) { return {{}, std::vector<float>{value}}; }

Case unary(const std::string& op, Values values = Values::kAny) {
  return {.node = {op, op, {"x"}, {"y"}, {}}, .values = values};
}

Case with(const std::string& op, std::map<std::string, Tensor> constants,
          std::map<std::string, graph::Attribute> attributes = {}) {
  Case c{.node = {op, op, {"x"}, {"y"}, std::move(attributes)}, .constants = std::move(constants)};
  for (const auto& [name, tensor] : c.constants) c.node.inputs.push_back(name);  // In alphabetical order.
  return c;
}

Case reduction(const std::string& op, Ints axes, std::int64_t keep) {
  return {.node = {op, op, {"x"}, {"y"}, {{"axes", std::move(axes)}, {"keepdims", keep}}},
          .values = op.starts_with("ReduceLog") ? Values::kPositive : Values::kAny};
}

bool is_supported(const std::string& op) {
  const auto& known = graph::supported_operators();
  return std::find(known.begin(), known.end(), op) != known.end();
}

/// Piecewise constant operators, and others with jumps, at which finite differences are not slopes.
const std::set<std::string> kJumping = {"And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Mod",
                                        "Not", "Or",    "Xor",     "FakeQuantize"};

/// At least one for every operator that a graph may contain.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* op : {"Abs",           "Elu",      "Erf",
                         "Exp",           "Gelu",     "HardSigmoid",
                         "HardSwish",     "Identity", "LeakyRelu",
                         "Mish",          "Neg",      "Reciprocal",
                         "Relu",          "Sigmoid",  "Softplus",
                         "Tanh",          "Dropout",  "LogSoftmax",
                         "Softmax",       "Flatten",  "GlobalAveragePool",
                         "GlobalMaxPool", "Ceil",     "Cos",
                         "Floor",         "Not",      "Round",
                         "Sign",          "Sin"}) {
    all.push_back(unary(op));
  }
  for (const char* op : {"Log", "Sqrt", "Reciprocal"}) all.push_back(unary(op, Values::kPositive));
  all.push_back(with("Gelu", {}, {{"approximate", std::string("tanh")}}));
  all.push_back(with("FakeQuantize", {}, {{"scale", 0.03f}, {"zero_point", std::int64_t{9}}}));
  all.push_back(with("Swish", {}, {{"alpha", 1.0f}}));
  all.push_back(with("Swish", {}, {{"alpha", 1.5f}}));
  all.push_back(with("Softmax", {}, {{"axis", std::int64_t{1}}}));
  all.push_back(with("LogSoftmax", {}, {{"axis", std::int64_t{1}}}));
  all.push_back(with("Transpose", {}, {{"perm", Ints{0, 3, 1, 2}}}));
  all.push_back(with("Clip", {{"a", scalar(-1)}, {"b", scalar(1)}}));
  for (const char* op : {"Add", "Div", "Max", "Min", "Mul", "Sub", "PRelu"}) {
    all.push_back(with(op, {{"a", floats({4, 1, 1})}}));
    all.push_back(with(op, {{"a", floats({1, 4, 3, 5})}}));
  }
  for (const char* op : {"And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Mod", "Or", "Xor"}) {
    all.push_back(with(op, {{"a", floats({4, 1, 1})}}));
  }
  all.push_back({.node = {"Where", "Where", {"a", "x", "b"}, {"y"}, {}},
                 .constants = {{"a", Tensor({2, 1}, std::vector<float>{0, 1})}, {"b", floats({4, 1, 1})}}});
  all.back().x = {2, 4, 2, 5};
  all.push_back(with("Gather", {{"a", ints({2, -1, 0})}}, {{"axis", std::int64_t{1}}}));
  all.push_back(with("Gather", {{"a", Tensor({}, Ints{-1})}}, {{"axis", std::int64_t{2}}}));
  all.push_back(with("Expand", {{"a", ints({1, 1, 6, 1, 1})}}));
  all.back().x = {2, 4, 1, 3, 5};
  all.push_back(with("Tile", {{"a", ints({1, 2, 1, 3})}}));
  all.push_back(with("Pow", {{"a", scalar(2)}}));
  all.push_back(with("Pow", {{"a", floats({4, 1, 1})}}));
  all.back().values = Values::kPositive;
  all.push_back(with("Concat", {{"a", floats({2, 2, 3, 5})}}, {{"axis", std::int64_t{1}}}));
  all.push_back(with("Reshape", {{"a", ints({0, -1, 5})}}));
  all.push_back(with("Slice", {{"a", ints({1})}, {"b", ints({3})}, {"c", ints({3})}}));
  all.push_back(with("Pad", {{"a", ints({0, 0, 1, 0, 0, 0, 2, 1})}}));
  all.push_back({.node = {"Resize",
                          "Resize",
                          {"x", "", "a"},
                          {"y"},
                          {{"mode", std::string("nearest")},
                           {"coordinate_transformation_mode", std::string("asymmetric")},
                           {"nearest_mode", std::string("floor")}}},
                 .constants = {{"a", Tensor({4}, std::vector<float>{1, 1, 2, 2})}}});
  for (const char* mode : {"linear", "cubic"}) {
    all.push_back({.node = {"Resize", "Resize", {"x", "", "a"}, {"y"}, {{"mode", std::string(mode)}}},
                   .constants = {{"a", Tensor({4}, std::vector<float>{1, 1, 2, 1.6f})}}});
  }
  all.push_back(with("Conv", {{"a", floats({6, 2, 3, 3})}, {"b", floats({6})}}, {{"group", std::int64_t{2}}}));
  all.push_back(with("ConvTranspose", {{"a", floats({4, 3, 3, 2})}, {"b", floats({6})}},
                     {{"group", std::int64_t{2}},
                      {"strides", Ints{2, 3}},
                      {"pads", Ints{1, 0, 2, 1}},
                      {"output_padding", Ints{1, 0}}}));
  all.push_back(with("MatMul", {{"a", floats({5, 6})}}));
  all.push_back(with("Gemm", {{"a", floats({7, 6})}, {"b", floats({7})}}, {{"transB", std::int64_t{1}}}));
  all.back().x = {3, 6};
  for (const char* op : {"AveragePool", "MaxPool"}) {
    all.push_back(with(op, {}, {{"kernel_shape", Ints{2, 3}}, {"strides", Ints{1, 2}}}));
  }
  all.push_back(with("LRN", {}, {{"size", std::int64_t{3}}, {"alpha", 0.5f}}));
  all.push_back(
      with("BatchNormalization",
           {{"a", floats({4})}, {"b", floats({4})}, {"c", floats({4})}, {"d", floats({4}, Values::kPositive)}}));
  all.push_back(with("InstanceNormalization", {{"a", floats({4})}, {"b", floats({4})}}));
  all.push_back(
      with("GroupNormalization", {{"a", floats({4})}, {"b", floats({4})}}, {{"num_groups", std::int64_t{2}}}));
  all.push_back(with("LayerNormalization", {{"a", floats({5})}, {"b", floats({5})}}));
  all.push_back(with("LayerNormalization", {{"a", floats({3, 5})}}, {{"axis", std::int64_t{-2}}}));
  for (const char* op : {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
                         "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"}) {
    all.push_back(reduction(op, {-1}, 1));
    all.push_back(reduction(op, {1, 2}, 0));
  }
  std::erase_if(all, [](const Case& c) { return !is_supported(c.node.op); });
  return all;
}

graph::Graph graph_of(const Case& c) {
  graph::Graph graph;
  graph.name = c.node.op;
  graph.inputs = {{"x", c.x}};
  graph.inputs[0].shape[0] = -1;
  graph.initializers = {c.constants.begin(), c.constants.end()};
  graph.nodes = {c.node};
  graph.outputs = {"y"};
  return graph;
}

TEST(Operators, AllHaveATestCase) {
  std::set<std::string> known;
  for (const Case& c : cases()) known.insert(c.node.op);
  for (const std::string& op : graph::supported_operators()) EXPECT_TRUE(known.contains(op)) << op;
}

TEST(Operators, AgreeWithPlainLoops) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.node.op);
    const std::vector<float> input = spread_values(static_cast<std::size_t>(graph::element_count(c.x)), c.values, 3);
    expect_agreement_with_plain_loops(graph_of(c), static_cast<int>(c.x[0]), input);
  }
}

// The slope in a random direction, by finite differences, for the input and every trainable constant.
TEST(Operators, GradientsEqualFiniteDifferences) {
  for (const Case& c : cases()) {
    if (kJumping.contains(c.node.op)) continue;
    SCOPED_TRACE(c.node.op);
    const graph::Graph graph = graph_of(c);
    const Operation operation = compile(graph, c.node);
    const auto trained = graph::trainable_weights(graph);
    std::vector<at::Tensor> inputs;
    std::vector<std::size_t> moved;
    for (const std::string& name : c.node.inputs) {
      at::Tensor value;
      if (name == "x") {
        value = at::tensor(spread_values(graph::element_count(c.x), c.values, 3)).reshape(c.x);
      } else if (const Tensor* constant = graph.constant(name); constant != nullptr && constant->is_float()) {
        value = at::tensor(constant->floats()).reshape(constant->shape);
      } else if (constant != nullptr) {
        value = at::tensor(constant->ints());
      }
      if (name == "x" || trained.contains(name)) {
        value.set_requires_grad(true);
        moved.push_back(inputs.size());
      }
      inputs.push_back(value);
    }
    const at::Tensor result = operation(inputs, false);
    const at::Tensor factors = at::tensor(random_values(result.numel(), 4)).reshape(result.sizes());
    (result * factors).sum().backward();
    const at::NoGradGuard no_gradients;
    const auto sum = [&] { return (operation(inputs, false).to(at::kDouble) * factors).sum().item<double>(); };
    for (const std::size_t i : moved) {
      at::Tensor value = inputs[i];
      ASSERT_TRUE(value.grad().defined()) << c.node.inputs[i];
      at::Tensor direction = at::tensor(random_values(value.numel(), 5)).reshape(value.sizes());
      direction /= direction.norm();
      const double slope = (value.grad() * direction).sum().item<double>();
      constexpr double kStep = 1e-2;
      const at::Tensor before = value.clone();
      value.add_(direction, kStep);
      const double above = sum();
      value.copy_(before).add_(direction, -kStep);
      const double below = sum();
      value.copy_(before);
      const double scale = std::max(1e-3, value.grad().norm().item<double>());
      EXPECT_NEAR((above - below) / (2 * kStep), slope, 0.01 * scale) << c.node.inputs[i];
    }
  }
}

// With bfloat16 values, statistics, logarithms and sums are computed in float.
TEST(Operators, SumsAndStatisticsAreInFloat) {
  const at::Tensor x = (at::tensor(random_values(4 * 1000, 3)).reshape({4, 1000}) + 3).to(at::kBFloat16);
  graph::Graph graph;
  const auto run = [&](const Node& node, std::vector<at::Tensor> inputs) {
    return compile(graph, node)(inputs, false);
  };
  const at::Tensor exact = x.to(at::kFloat);
  EXPECT_TRUE(run({"ReduceSum", "n", {"x"}, {"y"}, {{"axes", Ints{1}}}}, {x}).equal(exact.sum(1, true)));
  EXPECT_TRUE(run({"Log", "n", {"x"}, {"y"}, {}}, {x.abs() + 1}).equal((x.abs() + 1).to(at::kFloat).log()));
  const at::Tensor ones = at::ones({1000});
  EXPECT_TRUE(
      run({"LayerNormalization", "n", {"x", "s"}, {"y"}, {}}, {x, ones}).allclose(at::layer_norm(exact, {1000}, ones)));
}

}  // namespace
}  // namespace einet::train
