/// The CS-Predictor (paper IV-C): predicts the confidences of later exits from those of executed ones.
///
/// At run time any subset of the exits may have been executed, so training uses random subsets. Each sample of a batch
/// gets a last executed exit k, uniform over all but the final one, and either all exits before k (a plain prefix) or
/// each of them with a probability that is itself uniform. The network's input is computed by predict::encode_seen, the
/// same function as at inference. Only the exits after k contribute to the loss (paper eq. 3).
#include "train/predictor_trainer.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>

#include "einet/error.h"
#include "einet/plan.h"
#include "predict/predictor.h"
#include "train/adam.h"
#include "train/gradients.h"
#include "train/interpreter.h"
#include "train/one_cycle.h"

namespace einet::train {
namespace {

using Random = std::mt19937_64;

void check(const profile::CsProfile& profile, const PredictorOptions& options) {
  profile.validate("CS-profile");
  const auto require = [](bool good, const char* what, const char* why) {
    if (!good) throw Error(ErrorKind::kUsage, what, why);
  };
  require(options.target == "confidence" || options.target == "correctness", "predictor target",
          "must be confidence or correctness");
  require(options.epochs >= 1, "epochs", "must be at least 1");
  require(options.batch >= 1, "batch", "must be at least 1");
  require(options.learning_rate > 0, "learning rate", "must be positive");
  if (profile.exits < 2)
    throw Error(ErrorKind::kInvalidData, "CS-profile", "has only one exit, so there is nothing to predict");
  if (profile.samples() < 1) throw Error(ErrorKind::kInvalidData, "CS-profile", "has no samples to train on");
}

/// Appends x -> Gemm(x), weights uniform +-1/sqrt(in).
void append_linear(graph::Graph& graph, const std::string& x, std::int64_t in, std::int64_t out,
                   const std::string& name, Random& random) {
  const float bound = 1.0f / std::sqrt(static_cast<float>(in));
  std::uniform_real_distribution<float> uniform(-bound, bound);
  const auto draw = [&](graph::Shape shape) {
    std::vector<float> values(static_cast<std::size_t>(graph::element_count(shape)));
    for (float& value : values) value = uniform(random);
    return graph::Tensor(std::move(shape), std::move(values));
  };
  graph.initializers[name + ".weight"] = draw({out, in});
  graph.initializers[name + ".bias"] = draw({out});
  graph.nodes.push_back({"Gemm", name, {x, name + ".weight", name + ".bias"}, {name}, {{"transB", std::int64_t{1}}}});
}

/// The MLP n -> h1 -> h2 -> n of the paper.
graph::Graph network(std::int64_t exits, Random& random) {
  const std::int64_t h1 = exits > 30 ? 2048 : 256;
  const std::int64_t h2 = exits > 30 ? 1024 : 128;
  graph::Graph graph;
  graph.name = "predictor";
  graph.inputs.push_back({"seen", {-1, exits}});
  append_linear(graph, "seen", exits, h1, "fc1", random);
  graph.nodes.push_back({"Relu", "relu1", {"fc1"}, {"relu1"}, {}});
  append_linear(graph, "relu1", h1, h2, "fc2", random);
  graph.nodes.push_back({"Relu", "relu2", {"fc2"}, {"relu2"}, {}});
  append_linear(graph, "relu2", h2, exits, "scores", random);
  graph.outputs = {"scores"};
  graph.validate();
  return graph;
}

/// Input, target and loss mask of a batch; all [batch, exits].
struct Batch {
  std::vector<float> seen;
  std::vector<float> target;
  std::vector<float> counts;
};

/// Draws executed exits: `last` and a random subset of those before it.
plan::ExitPlan draw_executed(int exits, int last, Random& random) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  const bool prefix = unit(random) < 0.5;
  const double share = prefix ? 1.0 : unit(random);
  plan::ExitPlan executed(exits);
  for (int exit = 0; exit < last; ++exit) {
    if (unit(random) < share) executed.insert(exit);
  }
  executed.insert(last);
  return executed;
}

void append_sample(const profile::CsProfile& profile, int sample, bool correctness, Random& random, Batch& batch) {
  const int last = std::uniform_int_distribution<int>(0, profile.exits - 2)(random);
  const std::size_t at = batch.seen.size();
  batch.seen.resize(at + profile.exits);
  predict::encode_seen(profile.confidences(sample), draw_executed(profile.exits, last, random), last,
                       std::span(batch.seen).subspan(at));
  for (int exit = 0; exit < profile.exits; ++exit) {
    batch.target.push_back(correctness ? static_cast<float>(profile.right(sample, exit))
                                       : profile.confidence_at(sample, exit));
    batch.counts.push_back(exit > last ? 1.0f : 0.0f);
  }
}

/// Mean squared error over the exits in the mask.
at::Tensor loss_of(const Interpreter& mlp, const Batch& batch, int exits) {
  const auto tensor = [&](const std::vector<float>& values) { return at::tensor(values).reshape({-1, exits}); };
  const at::Tensor counts = tensor(batch.counts);
  const at::Tensor error = (mlp.forward(tensor(batch.seen), true)[0] - tensor(batch.target)) * counts;
  return error.square().sum() / counts.sum();
}

}  // namespace

graph::Graph train_predictor(const profile::CsProfile& profile, const PredictorOptions& options, Progress& progress) {
  check(profile, options);
  Random random(options.seed);
  graph::Graph graph = network(profile.exits, random);
  const Interpreter mlp(graph, at::kCPU);
  FlatParameters parameters(mlp.parameters());
  Adam optimizer(parameters, options.weight_decay);
  std::vector<int> order(profile.samples());
  std::iota(order.begin(), order.end(), 0);
  const int batches = (profile.samples() + options.batch - 1) / options.batch;
  const std::int64_t steps = std::int64_t{batches} * options.epochs;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    std::shuffle(order.begin(), order.end(), random);
    double sum = 0;
    for (int b = 0; b < batches; ++b) {
      Batch batch;
      const int end = std::min(profile.samples(), (b + 1) * options.batch);
      for (int i = b * options.batch; i < end; ++i) {
        append_sample(profile, order[i], options.target == "correctness", random, batch);
      }
      const at::Tensor loss = loss_of(mlp, batch, profile.exits);
      loss.backward();
      at::Tensor gradient = parameters.take_gradients();
      clip_gradient(gradient, options.clip_norm);
      const std::int64_t step = std::int64_t{epoch} * batches + b;
      optimizer.step(gradient, one_cycle(options.learning_rate, step, steps), step + 1);
      sum += loss.item<double>();
    }
    if (!std::isfinite(sum)) {
      throw Error(ErrorKind::kInvalidData, "predictor",
                  "the loss is not finite in epoch " + std::to_string(epoch + 1) + "; a lower learning rate may help");
    }
    char note[32];
    const int length = std::snprintf(note, sizeof note, "rms error %.4f", std::sqrt(sum / batches));
    progress.update("predictor", epoch + 1, options.epochs, std::string_view(note, length));
  }
  mlp.write_weights(graph);
  return graph;
}

}  // namespace einet::train
