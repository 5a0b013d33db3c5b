#include "train/interpreter.h"

#include <cmath>
#include <set>

#include "expect_error.h"
#include "graph/networks.h"
#include "graph/shape_inference.h"
#include "train/plain_loops.h"
#include "train/toy.h"
#include "zoo/zoo.h"

namespace einet::train {
namespace {

/// Weights as after training: none has its initial value 0 or 1.
graph::Graph disturbed(graph::Graph graph) {
  std::uint64_t seed = 1;
  const std::map<std::string, graph::Tensor> sorted(graph.initializers.begin(), graph.initializers.end());
  for (const auto& [name, tensor] : sorted) {
    if (!tensor.is_float() || tensor.shape.empty()) continue;
    std::vector<float>& values = graph.initializers.at(name).floats();
    const std::vector<float> noise = random_values(values.size(), ++seed);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += 0.1f * std::abs(noise[i]);
  }
  return graph;
}

TEST(Interpreter, AgreesWithPlainLoops) {
  expect_agreement_with_plain_loops(disturbed(graph::small_network()), 3);
  expect_agreement_with_plain_loops(disturbed(toy_network()), 3);
  expect_agreement_with_plain_loops(disturbed(zoo::build("b-alexnet", {})), 1);
  zoo::NetworkOptions msdnet{.channels = 1, .height = 28, .width = 28};
  msdnet.parameters = {{"blocks", "5"}, {"base", "1"}, {"step", "1"}, {"channels", "4"}, {"growth", "2"}};
  expect_agreement_with_plain_loops(disturbed(zoo::build("msdnet", msdnet)), 2);
}

TEST(Interpreter, AgreesWithPlainLoopsOnExportedOperators) {
  using Ints = std::vector<std::int64_t>;
  const auto ints = [](const Ints& values) {
    return graph::Tensor({static_cast<std::int64_t>(values.size())}, values);
  };
  graph::Graph graph;
  graph.name = "others";
  graph.inputs = {{"x", {-1, 2, 5, 6}}};
  graph.initializers = {{"slopes", graph::Tensor({2, 1, 1}, std::vector<float>{0.1f, -0.3f})},
                        {"pads", ints({0, 0, 1, 0, 0, 0, 2, 3})},
                        {"fill", graph::Tensor({}, std::vector<float>{0.75f})},
                        {"starts", ints({1, -1})},
                        {"ends", ints({7, -8})},
                        {"axes", ints({2, 3})},
                        {"steps", ints({2, -1})},
                        {"scales", graph::Tensor({4}, std::vector<float>{1, 1, 2, 3})}};
  graph.nodes = {{"PRelu", "prelu", {"x", "slopes"}, {"a"}, {}},
                 {"Pad", "pad", {"a", "pads", "fill"}, {"b"}, {}},
                 {"Slice", "slice", {"b", "starts", "ends", "axes", "steps"}, {"c"}, {}},
                 {"Resize",
                  "resize",
                  {"c", "", "scales"},
                  {"d"},
                  {{"mode", std::string("nearest")},
                   {"coordinate_transformation_mode", std::string("asymmetric")},
                   {"nearest_mode", std::string("floor")}}},
                 {"Elu", "elu", {"d"}, {"e"}, {{"alpha", 0.7f}}},
                 {"HardSigmoid", "sigmoid", {"e"}, {"f"}, {{"alpha", 0.3f}}},
                 {"HardSwish", "swish", {"e"}, {"g"}, {}},
                 {"Add", "sum", {"f", "g"}, {"h"}, {}},
                 {"Transpose", "channels last", {"h"}, {"i"}, {{"perm", Ints{0, 2, 3, 1}}}},
                 {"ReduceMean", "columns", {"i"}, {"j"}, {{"axes", Ints{-2}}, {"keepdims", std::int64_t{0}}}},
                 {"Flatten", "flatten", {"j"}, {"y"}, {{"axis", std::int64_t{-2}}}}};
  graph.outputs = {"y"};
  expect_agreement_with_plain_loops(graph, 3);
}

/// Operators whose second input is a constant list.
const std::set<std::string> kWithList = {"Expand", "Gather", "Reshape", "Tile"};

TEST(Interpreter, SupportsEveryGraphOperator) {
  graph::Graph graph;
  graph.initializers.emplace("shape", graph::Tensor({1}, std::vector<std::int64_t>{1}));
  for (const std::string& op : graph::supported_operators()) {
    const std::string second = kWithList.contains(op) ? "shape" : "";
    EXPECT_NO_THROW(compile(graph, {op, "n", {"x", second}, {"y"}, {}})) << op;
  }
  expect_error(ErrorKind::kUnsupported, "node 'n' (Einsum): this operator is not supported by the trainer", [&] {
    compile(graph, {"Einsum", "n", {"x"}, {"y"}, {}});
  });
}

/// Sum of squares of all outputs in training mode, as a function of the parameters.
at::Tensor energy(const Interpreter& network, const at::Tensor& input) {
  at::Tensor sum = at::zeros({});
  for (const at::Tensor& output : network.forward(input, true)) sum = sum + output.square().sum();
  return sum;
}

/// Smooth everywhere, so that finite differences are valid: sigmoids and average pools instead of ReLU and max pools.
graph::Graph smooth_network() {
  graph::Graph graph = toy_network();
  for (graph::Node& node : graph.nodes) {
    if (node.op == "Relu") node.op = "Sigmoid";
    if (node.op == "MaxPool") node.op = "AveragePool";
    if (node.op == "Dropout") {
      node.op = "Identity";
      node.inputs.resize(1);
    }
  }
  return graph;
}

TEST(Interpreter, GradientsEqualFiniteDifferences) {
  const Interpreter network(disturbed(smooth_network()), at::kCPU);
  const at::Tensor input = at::tensor(random_values(2 * 64, 3)).reshape({2, 1, 8, 8});
  energy(network, input).backward();
  std::uint64_t seed = 20;
  for (const Interpreter::Parameter& parameter : network.parameters()) {
    const at::NoGradGuard no_gradients;
    at::Tensor value = parameter.value;
    const at::Tensor direction = at::tensor(random_values(value.numel(), ++seed)).reshape(value.sizes());
    const double slope = (value.grad() * direction).sum().item<double>();
    const double step = 1e-2 / direction.norm().item<double>();
    const at::Tensor before = value.clone();
    value.add_(direction, step);
    const double above = energy(network, input).item<double>();
    value.copy_(before).add_(direction, -step);
    const double below = energy(network, input).item<double>();
    value.copy_(before);
    EXPECT_NEAR((above - below) / (2 * step), slope, 0.02 * std::abs(slope) + 0.02) << parameter.name;
  }
}

TEST(Interpreter, EveryWeightIsTrainedAndOnlyWeightsDecay) {
  const Interpreter network(toy_network(), at::kCPU);
  std::set<std::string> decaying;
  std::set<std::string> others;
  for (const auto& parameter : network.parameters()) (parameter.decays ? decaying : others).insert(parameter.name);
  EXPECT_EQ(decaying, (std::set<std::string>{"stem.conv.weight", "exit1.fc.weight", "conv.conv.weight", "fc1.weight",
                                             "fc2.weight"}));
  EXPECT_EQ(others, (std::set<std::string>{"stem.bn.weight", "stem.bn.bias", "exit1.fc.bias", "conv.bn.weight",
                                           "conv.bn.bias", "fc1.bias", "fc2.bias"}));
  EXPECT_EQ(network.state().size(), 12u + 4u);
  EXPECT_TRUE(network.state().contains("stem.bn.var"));
  EXPECT_FALSE(network.state().contains("dropout.ratio"));
}

// A single normalisation: mean and unbiased variance of the batch have weight 0.1.
TEST(Interpreter, RunningStatisticsFollowTheBatch) {
  graph::Builder net("bn", 1, 1, 2, 1);
  net.exit(net.flatten(net.batch_norm(net.input(), "bn"), "flatten"));
  graph::Graph graph = std::move(net).build();
  const Interpreter network(graph, at::kCPU);
  network.forward(at::tensor({1.0f, 3.0f, 5.0f, 7.0f}).reshape({2, 1, 1, 2}), true);
  network.write_weights(graph);
  EXPECT_FLOAT_EQ(graph.constant("bn.mean")->floats()[0], 0.1f * 4);
  EXPECT_FLOAT_EQ(graph.constant("bn.var")->floats()[0], 0.9f + 0.1f * 20.0f / 3);
}

TEST(Interpreter, DropoutDropsInTrainingOnly) {
  graph::Builder net("dropout", 1, 10, 100, 1);
  net.exit(net.dropout(net.flatten(net.input(), "flatten"), 0.3f, "dropout"));
  const Interpreter network(std::move(net).build(), at::kCPU);
  const at::Tensor ones = at::ones({4, 1, 10, 100});
  EXPECT_TRUE(network.forward(ones, false)[0].eq(1).all().item<bool>());
  const at::Tensor dropped = network.forward(ones, true)[0];
  // 1,200 of 4,000 expected to be 0, standard deviation 29; the others are scaled up to keep the mean.
  EXPECT_NEAR(dropped.eq(0).sum().item<int>(), 1200, 180);
  EXPECT_FLOAT_EQ(dropped.max().item<float>(), 1 / 0.7f);
}

TEST(Evaluate, RejectsInputOfTheWrongSize) {
  const std::vector<float> input(65);
  expect_error(ErrorKind::kInvalidData, "toy: takes [1,1,8,8], but 65 values",
               [&] { evaluate(toy_network(), input, 1); });
  EXPECT_EQ(evaluate(toy_network(), {}, 0).size(), 2u);
}

}  // namespace
}  // namespace einet::train
