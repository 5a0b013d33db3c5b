#include "train/trainer.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <stdexcept>

#include "expect_error.h"
#include "graph/partition.h"
#include "io/file.h"
#include "io/npz.h"
#include "io/temporary_directory.h"
#include "train/toy.h"

namespace einet::train {
namespace {

TrainOptions quick() {
  TrainOptions options;
  options.epochs = 2;
  options.batch = 16;
  options.learning_rate = 0.05;
  options.precision = "f32";
  options.augment = false;
  options.threads = 1;
  return options;
}

/// Simulates a kill: throws an exception out of training after `steps` steps.
class Killer : public Progress {
 public:
  explicit Killer(int steps) : left_(steps) {}
  void update(std::string_view, std::int64_t, std::int64_t, std::string_view) override {
    if (left_-- == 0) throw std::runtime_error("killed");
  }

 private:
  int left_;
};

void expect_same_weights(const graph::Graph& a, const graph::Graph& b) {
  for (const auto& [name, tensor] : a.initializers) {
    if (!tensor.is_float()) continue;
    EXPECT_EQ(tensor.floats(), b.initializers.at(name).floats()) << name;
  }
}

TEST(Train, LearnsAToyProblemInBothPrecisions) {
  const data::Dataset training = toy_images(256, 1);
  const data::Dataset test = toy_images(100, 2);
  for (const char* precision : {"f32", "bf16"}) {
    TrainOptions options = quick();
    options.epochs = 4;
    options.precision = precision;
    const graph::Graph before = toy_network();
    const TrainResult result = train(before, training, test, options);
    ASSERT_EQ(result.epochs.size(), 4u);
    EXPECT_LT(result.epochs.back().loss, 0.5 * result.epochs.front().loss) << precision;
    ASSERT_EQ(result.epochs.back().accuracy.size(), 2u);
    for (const double accuracy : result.epochs.back().accuracy) EXPECT_GT(accuracy, 0.9) << precision;
    EXPECT_EQ(result.graph.outputs, before.outputs);
    EXPECT_NE(result.graph.constant("fc1.weight")->floats(), before.constant("fc1.weight")->floats());
    EXPECT_NE(result.graph.constant("stem.bn.var")->floats(), before.constant("stem.bn.var")->floats());
    EXPECT_EQ(result.graph.constant("dropout.ratio")->floats(), before.constant("dropout.ratio")->floats());
  }
}

TEST(Train, ReportsTheAccuraciesOfEvaluate) {
  const data::Dataset training = toy_images(64, 1);
  const data::Dataset test = toy_images(50, 2);
  TrainOptions options = quick();
  options.epochs = 1;
  const TrainResult result = train(toy_network(), training, test, options);
  std::vector<float> input(test.pixels.size());
  data::normalize(test.pixels, 1, test.normalization, input);
  const std::vector<std::vector<float>> outputs = evaluate(result.graph, input, test.size());
  for (std::size_t exit = 0; exit < outputs.size(); ++exit) {
    int right = 0;
    for (int i = 0; i < test.size(); ++i) {
      const auto row = outputs[exit].begin() + 4 * i;
      right += std::max_element(row, row + 4) - row == test.labels[i];
    }
    EXPECT_DOUBLE_EQ(result.epochs[0].accuracy[exit], right / 50.0);
  }
}

TEST(Train, DependsOnlyOnTheSeed) {
  const data::Dataset data = toy_images(64, 1);
  TrainOptions options = quick();
  options.epochs = 1;
  options.augment = true;
  const graph::Graph first = train(toy_network(), data, data, options).graph;
  expect_same_weights(first, train(toy_network(), data, data, options).graph);
  options.seed = 2;
  const graph::Graph other = train(toy_network(), data, data, options).graph;
  EXPECT_NE(first.constant("fc1.weight")->floats(), other.constant("fc1.weight")->floats());
}

TEST(Train, ExitWeightsSelectTheTrainedExits) {
  const data::Dataset data = toy_images(64, 1);
  TrainOptions options = quick();
  options.exit_weights = {0.0, 1.0};
  options.weight_decay = 0;
  const graph::Graph trained = train(toy_network(), data, data, options).graph;
  EXPECT_EQ(trained.constant("exit1.fc.weight")->floats(), toy_network().constant("exit1.fc.weight")->floats());
  EXPECT_NE(trained.constant("fc2.weight")->floats(), toy_network().constant("fc2.weight")->floats());
}

/// The toy network with these nodes after every exit.
graph::Graph toy_ending_in(const std::vector<graph::Node>& nodes) {
  graph::Graph network = toy_network();
  network.initializers.emplace("map", graph::Tensor({4}, std::vector<std::int64_t>{0, 4, 1, 1}));
  for (std::string& output : network.outputs) {
    for (graph::Node node : nodes) {
      node.name += " of " + output;
      node.inputs.insert(node.inputs.begin(), output);
      node.outputs = {output + "." + node.op};
      output = node.outputs[0];
      network.nodes.push_back(std::move(node));
    }
  }
  return network;
}

// Exits that output probabilities are trained through their logits and still output probabilities.
TEST(Train, ExitsMayEndInSoftmax) {
  const data::Dataset data = toy_images(64, 1);
  const graph::Graph plain = train(toy_network(), data, data, quick()).graph;
  const graph::Node softmax{"Softmax", "softmax", {}, {}, {{"axis", std::int64_t{1}}}};
  const graph::Node log_softmax{"LogSoftmax", "log", {}, {}, {{"axis", std::int64_t{1}}}};
  const graph::Node map{"Reshape", "map", {"map"}, {}, {}};
  for (const std::vector<graph::Node>& nodes :
       {std::vector{softmax}, {log_softmax}, {softmax, map}, {map, softmax}, {map}}) {
    const graph::Graph network = toy_ending_in(nodes);
    const graph::Graph trained = train(network, data, data, quick()).graph;
    EXPECT_EQ(trained.outputs, network.outputs);
    expect_same_weights(plain, trained);
  }
}

TEST(Train, ExitsMayEndInSigmoids) {
  const data::Dataset training = toy_images(256, 1), test = toy_images(100, 2);
  TrainOptions options = quick();
  options.epochs = 4;
  options.distillation = 0.3;
  const graph::Graph network = toy_ending_in({{"Sigmoid", "sigmoid", {}, {}, {}}});
  const TrainResult result = train(network, training, test, options);
  EXPECT_EQ(result.graph.outputs, network.outputs);
  for (const double accuracy : result.epochs.back().accuracy) EXPECT_GT(accuracy, 0.9);
}

// Exits of one output: the probability of the second of two classes.
TEST(Train, ASingleSigmoidSeparatesTwoClasses) {
  const auto halves = [](int count, std::uint64_t seed) {
    data::Dataset data = toy_images(count, seed);
    data.label_names = {"top", "bottom"};
    for (auto& label : data.labels) label /= 2;
    return data;
  };
  graph::Builder net("halves", 1, 8, 8, 1);
  const std::string stem = net.conv_bn_relu(net.input(), 6, {}, "stem");
  net.exit(net.linear(net.flatten(stem, "flatten"), 1, "fc1"));
  net.exit(net.linear(net.flatten(net.conv_bn_relu(stem, 4, {}, "conv"), "flatten2"), 1, "fc2"));
  graph::Graph network = std::move(net).build();
  for (std::string& output : network.outputs) {
    network.nodes.push_back({"Sigmoid", output + ".sigmoid", {output}, {output + ".p"}, {}});
    output += ".p";
  }
  TrainOptions options = quick();
  options.epochs = 4;
  const TrainResult result = train(network, halves(256, 1), halves(100, 2), options);
  EXPECT_LT(result.epochs.back().loss, 0.3);
  for (const double accuracy : result.epochs.back().accuracy) EXPECT_GT(accuracy, 0.9);
}

/// The float initializers that the nodes read.
std::set<std::string> weights_of(const graph::Graph& graph, const std::vector<int>& nodes) {
  std::set<std::string> names;
  for (const int node : nodes) {
    for (const std::string& input : graph.nodes[node].inputs) {
      const graph::Tensor* constant = graph.constant(input);
      if (constant != nullptr && constant->is_float() && constant->floats().size() > 1) names.insert(input);
    }
  }
  return names;
}

void expect_weights(const graph::Graph& before, const graph::Graph& after, const std::set<std::string>& names,
                    bool same) {
  for (const std::string& name : names) {
    EXPECT_EQ(before.constant(name)->floats() == after.constant(name)->floats(), same) << name;
  }
}

TEST(Branches, DoNotChangeTrunkAndLastExit) {
  const data::Dataset data = toy_images(128, 1);
  for (const bool kept : {false, true}) {
    for (const char* precision : {"f32", "bf16"}) {
      TrainOptions options = quick();
      options.epochs = 6;
      options.mode = "branches";
      options.precision = precision;
      options.feature_memory_bytes = kept ? 1 << 20 : 0;
      options.distillation = 0.5;
      const graph::Graph before = toy_network();
      const TrainResult result = train(before, data, data, options);
      const std::vector<graph::Block> blocks = graph::partition(before);
      expect_weights(before, result.graph, weights_of(before, blocks[0].branch), false);
      expect_weights(before, result.graph, weights_of(before, blocks[0].conv_part), true);
      expect_weights(before, result.graph, weights_of(before, blocks[1].branch), true);
      EXPECT_GT(result.epochs.back().accuracy[0], 0.6) << "on features of random weights";
      EXPECT_EQ(result.epochs.back().accuracy[1], result.epochs.front().accuracy[1]);
    }
  }
}

TEST(Branches, DoNotDependOnCachedFeatures) {
  const data::Dataset data = toy_images(64, 1);
  TrainOptions options = quick();
  options.mode = "branches";
  const graph::Graph kept = train(toy_network(), data, data, options).graph;
  options.feature_memory_bytes = 0;
  const graph::Graph computed = train(toy_network(), data, data, options).graph;
  for (const std::string& name : weights_of(kept, graph::partition(kept)[0].branch)) {
    const std::vector<float>& a = kept.constant(name)->floats();
    const std::vector<float>& b = computed.constant(name)->floats();
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4) << name;
  }
}

// Of eight epochs the first four train block 1 only, the others block 2 only.
TEST(Sequential, TrainsExitByExit) {
  const data::Dataset data = toy_images(128, 1);
  TrainOptions options = quick();
  options.mode = "sequential";
  options.epochs = 8;
  const std::vector<EpochReport> epochs = train(toy_network(), data, data, options).epochs;
  ASSERT_EQ(epochs.size(), 8u);
  EXPECT_GT(epochs[3].accuracy[0], 0.8);
  EXPECT_LT(epochs[3].accuracy[1], 0.6);
  EXPECT_EQ(epochs[3].accuracy[0], epochs[7].accuracy[0]);
  EXPECT_GT(epochs[7].accuracy[1], 0.8);
}

TEST(Budget, DeterminesTheNumberOfSteps) {
  const data::Dataset data = toy_images(128, 1);
  TrainOptions options = quick();
  options.budget = Seconds(1e-9);
  EXPECT_EQ(train(toy_network(), data, data, options).epochs.size(), 1u);
  options.budget = Seconds(2);
  const TrainResult result = train(toy_network(), data, data, options);
  EXPECT_GT(result.epochs.size(), 1u);
  EXPECT_GT(result.epochs.back().accuracy.back(), 0.9);
}

TEST(Recipes, HaveTheDocumentedOptions) {
  EXPECT_EQ(recipe("paper").mode, "sequential");
  EXPECT_EQ(recipe("paper").learning_rate, 1e-3);
  EXPECT_EQ(recipe("msdnet").schedule, "steps");
  EXPECT_EQ(recipe("default").epochs, TrainOptions().epochs);
  expect_error(ErrorKind::kUsage, "recipe 'papr'", [] { recipe("papr"); });
}

/// The lines of steps.csv without the time left.
std::vector<std::string> steps_in(const std::filesystem::path& file) {
  std::istringstream lines(io::read_file(file));
  std::vector<std::string> steps;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream columns(line);
    std::string kept, value;
    for (int column = 0; std::getline(columns, value, ','); ++column) {
      if (column != 4) kept += value + ",";
    }
    steps.push_back(kept);
  }
  return steps;
}

// 8 steps per epoch, 16 in total; killed within each epoch, between them, and right at the start.
void expect_exact_resume(TrainOptions options) {
  const data::Dataset training = toy_images(136, 1);
  const data::Dataset test = toy_images(40, 2);
  const TemporaryDirectory of_straight;
  options.checkpoint = of_straight.path();
  const TrainResult straight = train(toy_network(), training, test, options);
  const std::vector<std::string> curve = steps_in(of_straight / "steps.csv");
  ASSERT_EQ(curve.size(), 17u) << "a header and 16 steps";
  for (const std::vector<int>& kills : {std::vector{3}, {8}, {11}, {1, 2, 9}}) {
    const TemporaryDirectory folder;
    options.checkpoint = folder / "checkpoint";
    options.checkpoint_seconds = 0;
    options.resume = true;
    for (const int steps : kills) {
      Killer killer(steps);
      EXPECT_THROW(train(toy_network(), training, test, options, killer), std::runtime_error);
    }
    const TrainResult resumed = train(toy_network(), training, test, options);
    expect_same_weights(straight.graph, resumed.graph);
    ASSERT_EQ(resumed.epochs.size(), 2u);
    for (int epoch = 0; epoch < 2; ++epoch) {
      EXPECT_EQ(resumed.epochs[epoch].epoch, epoch + 1);
      EXPECT_EQ(resumed.epochs[epoch].loss, straight.epochs[epoch].loss);
      EXPECT_EQ(resumed.epochs[epoch].accuracy, straight.epochs[epoch].accuracy);
    }
    // Finished trainings are not trained further.
    expect_same_weights(straight.graph, train(toy_network(), training, test, options).graph);
    const std::string log = io::read_file(folder / "checkpoint/log.csv");
    EXPECT_EQ(log.substr(0, log.find('\n')),
              "epoch,loss,seconds,waiting,expectation,elasticity,learning_rate,seconds_left,accuracy_1,accuracy_2,"
              "loss_1,loss_2");
    EXPECT_EQ(steps_in(folder / "checkpoint/steps.csv"), curve);
    EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 3);
  }
}

TEST(Resume, GivesTheResultOfAnUninterruptedRun) {
  TrainOptions options = quick();
  options.augment = true;
  expect_exact_resume(options);
  options.optimizer = "adam";
  options.learning_rate = 0.002;
  options.mode = "sequential";
  expect_exact_resume(options);
  options.augment = false;
  options.mode = "branches";
  expect_exact_resume(options);
}

TEST(Resume, RejectsCheckpointsOfOtherRuns) {
  const TemporaryDirectory folder;
  const data::Dataset data = toy_images(32, 1);
  TrainOptions options = quick();
  options.epochs = 1;
  options.checkpoint = folder.path();
  options.resume = true;
  train(toy_network(1), data, data, options);
  const auto refuse = [&](const std::string& text, std::uint64_t network_seed) {
    expect_error(ErrorKind::kInvalidData, "checkpoint.npz: " + text,
                 [&] { train(toy_network(network_seed), data, data, options); });
  };
  refuse("a checkpoint of another network", 2);
  options.learning_rate = 0.07;
  refuse("a checkpoint of another training: learning rate was 0.05, is 0.07", 1);
  options.learning_rate = 0.05;
  options.optimizer = "adam";
  refuse("a checkpoint of another training: optimizer was the default, is \"adam\"", 1);
  options.optimizer = "sgd";
  std::map<std::string, io::NpyArray> arrays = io::read_npz(folder / "checkpoint.npz");
  std::string state = arrays.at("state").data;
  state.replace(state.find("\"version\":1"), 11, "\"version\":2");
  arrays.at("state") = io::NpyArray::from(std::vector<std::uint8_t>(state.begin(), state.end()),
                                          {static_cast<std::int64_t>(state.size())});
  io::write_npz(folder / "checkpoint.npz", arrays);
  refuse("a checkpoint of version 2, but this program supports at most 1", 1);
  io::write_file(folder / "checkpoint.npz", "damaged");
  expect_error(ErrorKind::kInvalidData, "checkpoint.npz", [&] { train(toy_network(1), data, data, options); });
  options.resume = false;
  EXPECT_NO_THROW(train(toy_network(1), data, data, options));
  EXPECT_EQ(io::read_file(folder / "checkpoint.old.npz"), "damaged");
}

TEST(Train, StopsAtNaNAndKeepsTheLastGoodCheckpoint) {
  const TemporaryDirectory folder;
  const data::Dataset data = toy_images(64, 1);
  TrainOptions options = quick();
  options.clip_norm = 0;
  options.learning_rate = 1e30;
  options.checkpoint = folder.path();
  options.checkpoint_seconds = 0;
  const auto diverge = [&] { train(toy_network(), data, data, options); };
  const std::string fault = "training: the loss is not finite at step";
  expect_error(ErrorKind::kInvalidData, fault, diverge);
  EXPECT_EQ(folder.names(), (std::set<std::string>{"checkpoint.npz", "log.jsonl", "steps.csv"}));
  expect_error(ErrorKind::kInvalidData, "(the last good checkpoint is in " + folder.path().string() + ")", diverge);
  // A run without its own checkpoint does not name one.
  const std::string other = io::read_file(folder / "checkpoint.npz");
  options.checkpoint_seconds = 1000;
  expect_error(ErrorKind::kInvalidData, fault, diverge);
  try {
    diverge();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("checkpoint"), std::string::npos) << error.what();
  }
  EXPECT_EQ(io::read_file(folder / "checkpoint.npz"), other);
}

TEST(Train, RejectsMismatchedArguments) {
  const data::Dataset data = toy_images(32, 1);
  const auto refuse = [&](ErrorKind kind, const std::string& text, const graph::Graph& graph, auto change) {
    TrainOptions options = quick();
    change(options);
    expect_error(kind, text, [&] { train(graph, data, data, options); });
  };
  const auto nothing = [](TrainOptions&) {};
  graph::Builder larger("larger", 3, 8, 8, 1);
  larger.exit(larger.linear(larger.flatten(larger.input(), "flatten"), 4, "fc"));
  refuse(ErrorKind::kInvalidData, "larger: takes [N,3,8,8], but the images of toy are [N,1,8,8]",
         std::move(larger).build(), nothing);
  graph::Builder narrow("narrow", 1, 8, 8, 1);
  narrow.exit(narrow.linear(narrow.flatten(narrow.input(), "flatten"), 3, "fc"));
  refuse(ErrorKind::kInvalidData, "narrow: output 'exit1' has shape [1,3], but toy has 4 classes",
         std::move(narrow).build(), nothing);
  const graph::Graph toy = toy_network();
  refuse(ErrorKind::kUsage, "epochs", toy, [](TrainOptions& options) { options.epochs = 0; });
  refuse(ErrorKind::kUsage, "precision", toy, [](TrainOptions& options) { options.precision = "f16"; });
  refuse(ErrorKind::kUsage, "exit weights", toy, [](TrainOptions& options) { options.exit_weights = {1}; });
  refuse(ErrorKind::kUsage, "mode 'all'", toy, [](TrainOptions& options) { options.mode = "all"; });
  refuse(ErrorKind::kUsage, "optimizer 'lion'", toy, [](TrainOptions& options) { options.optimizer = "lion"; });
  refuse(ErrorKind::kUsage, "schedule 'none'", toy, [](TrainOptions& options) { options.schedule = "none"; });
  refuse(ErrorKind::kUsage, "distillation", toy, [](TrainOptions& options) { options.distillation = 2; });
  graph::Builder single("single", 1, 8, 8, 1);
  single.exit(single.linear(single.flatten(single.input(), "flatten"), 4, "fc"));
  refuse(ErrorKind::kInvalidData, "single: has only one exit", std::move(single).build(),
         [](TrainOptions& options) { options.mode = "branches"; });
  refuse(ErrorKind::kUsage, "device 'tpu'", toy, [](TrainOptions& options) { options.device = "tpu"; });
}

}  // namespace
}  // namespace einet::train
