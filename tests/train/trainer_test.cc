#include "einet/train/trainer.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "einet/io/file.h"
#include "expect_error.h"
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

/// Stands for a kill: throws out of the training after `steps` steps.
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

TEST(Train, ReportsWhatEvaluateFinds) {
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

TEST(Train, SeedDecides) {
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

TEST(Train, ExitWeightsDecideWhatIsTrained) {
  const data::Dataset data = toy_images(64, 1);
  TrainOptions options = quick();
  options.exit_weights = {0.0, 1.0};
  options.weight_decay = 0;
  const graph::Graph trained = train(toy_network(), data, data, options).graph;
  EXPECT_EQ(trained.constant("exit1.fc.weight")->floats(), toy_network().constant("exit1.fc.weight")->floats());
  EXPECT_NE(trained.constant("fc2.weight")->floats(), toy_network().constant("fc2.weight")->floats());
}

// Softmax outputs are trained through their logits and stay softmax outputs.
TEST(Train, ExitsMayEndInSoftmax) {
  const data::Dataset data = toy_images(64, 1);
  graph::Graph network = toy_network();
  for (std::string& output : network.outputs) {
    network.nodes.push_back({"Softmax", output + ".softmax", {output}, {output + ".probabilities"}, {}});
    output += ".probabilities";
  }
  const graph::Graph trained = train(network, data, data, quick()).graph;
  EXPECT_EQ(trained.outputs, network.outputs);
  const graph::Graph plain = train(toy_network(), data, data, quick()).graph;
  expect_same_weights(plain, trained);
}

// 8 steps per epoch, 16 in all; killed in the middle of either epoch, at their border, and right at the start.
TEST(Resume, IsAsIfNeverInterrupted) {
  const data::Dataset training = toy_images(136, 1);
  const data::Dataset test = toy_images(40, 2);
  TrainOptions options = quick();
  options.augment = true;
  const TrainResult straight = train(toy_network(), training, test, options);
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
    EXPECT_EQ(log.substr(0, log.find('\n')), "epoch,loss,seconds,accuracy_1,accuracy_2");
    EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 3);
  }
}

TEST(Resume, RefusesAnotherTraining) {
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
  io::write_file(folder / "checkpoint.npz", "damaged");
  expect_error(ErrorKind::kInvalidData, "checkpoint.npz", [&] { train(toy_network(1), data, data, options); });
  options.resume = false;
  EXPECT_NO_THROW(train(toy_network(1), data, data, options));
}

TEST(Train, StopsAtNaNAndKeepsTheLastGoodCheckpoint) {
  const TemporaryDirectory folder;
  const data::Dataset data = toy_images(64, 1);
  TrainOptions options = quick();
  options.clip_norm = 0;
  options.learning_rate = 1e30;
  options.checkpoint = folder.path();
  options.checkpoint_seconds = 0;
  expect_error(ErrorKind::kInvalidData, "training: the loss is no longer a number at step",
               [&] { train(toy_network(), data, data, options); });
  EXPECT_EQ(folder.names(), std::set<std::string>{"checkpoint.npz"});
}

TEST(Train, RefusesWhatDoesNotFit) {
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
  refuse(ErrorKind::kUsage, "device 'tpu'", toy, [](TrainOptions& options) { options.device = "tpu"; });
}

}  // namespace
}  // namespace einet::train
