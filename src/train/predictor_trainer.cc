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
#include <map>
#include <numeric>
#include <random>
#include <utility>

#include "einet/error.h"
#include "einet/plan.h"
#include "einet/time.h"
#include "predict/predictor.h"
#include "train/adam.h"
#include "train/gradients.h"
#include "train/interpreter.h"
#include "train/predictor_state.h"
#include "train/schedule.h"

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
struct PredictorBatch {
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

void append_sample(const profile::CsProfile& profile, int sample, bool correctness, Random& random,
                   PredictorBatch& batch) {
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
at::Tensor loss_of(const Interpreter& mlp, const PredictorBatch& batch, int exits) {
  const auto tensor = [&](const std::vector<float>& values) { return at::tensor(values).reshape({-1, exits}); };
  const at::Tensor counts = tensor(batch.counts);
  const at::Tensor error = (mlp.forward(tensor(batch.seen), true)[0] - tensor(batch.target)) * counts;
  return error.square().sum() / counts.sum();
}

/// One training: the network with its optimizer, epoch by epoch.
class PredictorTraining {
 public:
  PredictorTraining(const profile::CsProfile& profile, const PredictorOptions& options)
      : profile_(profile),
        options_(options),
        random_(options.seed),
        graph_(network(profile.exits, random_)),
        mlp_(graph_, at::kCPU),
        parameters_(mlp_.parameters()),
        optimizer_(parameters_, options.weight_decay),
        order_(profile.samples()),
        batches_((profile.samples() + options.batch - 1) / options.batch) {
    std::iota(order_.begin(), order_.end(), 0);
  }

  int epoch() const { return epoch_; }
  double rms_error() const { return std::sqrt(sum_ / batches_); }

  void run_epoch() {
    std::shuffle(order_.begin(), order_.end(), random_);
    sum_ = 0;
    for (int b = 0; b < batches_; ++b) run_batch(b);
    ++epoch_;
    if (std::isfinite(sum_)) return;
    throw Error(ErrorKind::kInvalidData, "predictor",
                "the loss is not finite in epoch " + std::to_string(epoch_) + "; a lower learning rate may help");
  }

  PredictorState state() {
    PredictorState state{.epoch = epoch_, .sum = sum_, .random = random_, .order = order_, .floats = {}};
    for (const auto& [name, tensor] : tensors()) {
      state.floats[name].assign(tensor.data_ptr<float>(), tensor.data_ptr<float>() + tensor.numel());
    }
    return state;
  }

  /// Throws kInvalidData naming `file` if the state is not that of this network.
  void go_on(const PredictorState& state, const std::filesystem::path& file) {
    for (auto& [name, tensor] : tensors()) {
      const auto saved = state.floats.find(name);
      if (saved == state.floats.end() || static_cast<std::int64_t>(saved->second.size()) != tensor.numel() ||
          state.order.size() != order_.size()) {
        throw Error(ErrorKind::kInvalidData, file.string(), "a checkpoint of another predictor");
      }
      std::copy(saved->second.begin(), saved->second.end(), tensor.data_ptr<float>());
    }
    epoch_ = state.epoch;
    sum_ = state.sum;
    random_ = state.random;
    order_ = state.order;
  }

  graph::Graph result() && {
    mlp_.write_weights(graph_);
    return std::move(graph_);
  }

 private:
  void run_batch(int b) {
    PredictorBatch batch;
    const int end = std::min(profile_.samples(), (b + 1) * options_.batch);
    for (int i = b * options_.batch; i < end; ++i) {
      append_sample(profile_, order_[i], options_.target == "correctness", random_, batch);
    }
    const at::Tensor loss = loss_of(mlp_, batch, profile_.exits);
    loss.backward();
    at::Tensor gradient = parameters_.take_gradients();
    clip_gradient(gradient, options_.clip_norm);
    const std::int64_t step = std::int64_t{epoch_} * batches_ + b;
    const double rate =
        learning_rate(options_.schedule, options_.learning_rate, step, std::int64_t{batches_} * options_.epochs);
    optimizer_.step(gradient, rate, step + 1);
    sum_ += loss.item<double>();
  }

  /// Weights and optimizer; the tensors are handles.
  std::map<std::string, at::Tensor> tensors() {
    auto all = parameters_.by_name(parameters_.values(), "weight/");
    all.merge(optimizer_.state());
    return all;
  }

  const profile::CsProfile& profile_;
  const PredictorOptions& options_;
  Random random_;
  graph::Graph graph_;
  const Interpreter mlp_;
  FlatParameters parameters_;
  Adam optimizer_;
  std::vector<std::int32_t> order_;
  int batches_;
  int epoch_ = 0;
  double sum_ = 0.0;
};

}  // namespace

PredictorOptions paper_predictor() {
  PredictorOptions options;
  options.epochs = 3000;
  options.learning_rate = 1e-3;
  options.schedule = "constant";
  return options;
}

graph::Graph train_predictor(const profile::CsProfile& profile, const PredictorOptions& options, Progress& progress) {
  check(profile, options);
  PredictorTraining training(profile, options);
  std::filesystem::path file;
  if (!options.checkpoint.empty()) {
    file = predictor_state_file(options.checkpoint, profile, options);
    if (const auto state = read_predictor_state(file)) training.go_on(*state, file);
  }
  auto saved = Clock::now();
  while (training.epoch() < options.epochs) {
    training.run_epoch();
    const bool done = training.epoch() == options.epochs;
    if (!file.empty() && (done || Clock::now() - saved >= Seconds(options.checkpoint_seconds))) {
      write_predictor_state(training.state(), file);
      saved = Clock::now();
    }
    char note[32];
    const int length = std::snprintf(note, sizeof note, "rms error %.4f", training.rms_error());
    progress.update("predictor", training.epoch(), options.epochs, std::string_view(note, length));
  }
  return std::move(training).result();
}

}  // namespace einet::train
