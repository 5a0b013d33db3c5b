/// Joint training of all exits (Huang et al., ICLR 2018; Teerapittayanon et al., ICPR 2016): the loss is the weighted
/// sum of the exits' cross entropies, so one backward pass serves them all.
///
/// Everything random is a function of (seed, epoch, sample) or (seed, step): order, augmentation, dropout. A
/// checkpoint is therefore weights, momenta and a step number, and going on from it gives bit for bit the training that
/// was interrupted (with one thread; with more, the order of libtorch's sums decides).
#include "einet/train/trainer.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "autocast.h"
#include "checkpoint.h"
#include "device.h"
#include "einet/core/error.h"
#include "einet/core/time.h"
#include "einet/data/augment.h"
#include "einet/graph/shape_inference.h"
#include "gradients.h"
#include "interpreter.h"
#include "one_cycle.h"
#include "sgd.h"

namespace einet::train {
namespace {

constexpr int kEvaluationBatch = 500;

/// What is faster: one step of a 14-exit MSDNet on one core with AMX took, channels last and channels first, 0.55 s and
/// 0.62 s in bf16 but 1.6 s and 0.9 s in f32.
at::MemoryFormat layout_for(const TrainOptions& options) {
  return options.precision == "bf16" ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

std::string sizes(const data::Dataset& data) { return graph::to_string({-1, data.channels, data.height, data.width}); }

/// Throws where network, data and options do not fit.
void check(const graph::Graph& graph, const data::Dataset& training, const data::Dataset& test,
           const TrainOptions& options) {
  const auto refuse = [&](const std::string& why) { throw Error(ErrorKind::kInvalidData, graph.name, why); };
  const auto require = [](bool good, const char* what, const char* why) {
    if (!good) throw Error(ErrorKind::kUsage, what, why);
  };
  require(options.epochs >= 1, "epochs", "must be at least 1");
  require(options.batch >= 2, "batch", "must be at least 2");
  require(options.learning_rate > 0, "learning rate", "must be positive");
  require(options.momentum >= 0 && options.momentum < 1, "momentum", "must be in [0,1)");
  require(options.precision == "bf16" || options.precision == "f32", "precision", "must be bf16 or f32");
  require(options.exit_weights.empty() || options.exit_weights.size() == graph.outputs.size(), "exit weights",
          "must be as many as there are exits");
  if (graph.inputs.size() != 1) refuse("only networks with one input can be trained on images");
  const graph::Shape& shape = graph.inputs[0].shape;
  if (training.size() < 2 || test.size() < 1) refuse("no samples to train on");
  for (const data::Dataset* data : {&training, &test}) {
    if (shape.size() != 4 || shape[1] != data->channels || shape[2] != data->height || shape[3] != data->width) {
      refuse("takes " + graph::to_string(shape) + ", but the images of " + data->name + " are " + sizes(*data));
    }
  }
  const graph::Shapes shapes = graph::infer_shapes(graph);
  for (const std::string& output : graph.outputs) {
    if (shapes.at(output) != graph::Shape{1, training.classes()}) {
      refuse("output '" + output + "' has shape " + graph::to_string(shapes.at(output)) + ", but " + training.name +
             " has " + std::to_string(training.classes()) + " classes");
    }
  }
}

/// The graph with every exit that ends in a softmax read before it: losses want logits.
graph::Graph with_logits(graph::Graph graph) {
  const auto producer = graph::producers(graph);
  for (std::string& output : graph.outputs) {
    const auto found = producer.find(output);
    if (found != producer.end() && graph.nodes[found->second].op == "Softmax") {
      output = graph.nodes[found->second].inputs[0];
    }
  }
  return graph;
}

class Trainer {
 public:
  Trainer(const graph::Graph& graph, const data::Dataset& training, const data::Dataset& test,
          const TrainOptions& options, Progress& progress)
      : graph_(graph),
        training_(training),
        test_(test),
        options_(options),
        progress_(progress),
        device_(open_device(options.device)),
        layout_(layout_for(options)),
        network_(with_logits(graph), device_, layout_),
        parameters_(network_.parameters()),
        optimizer_(parameters_, options.momentum, options.weight_decay),
        augmentation_(options.augment ? data::Augmentation::for_dataset(training.name)
                                      : data::Augmentation{.padding = 0, .flip = false}),
        batch_(std::min(options.batch, training.size())),
        steps_per_epoch_(training.size() / batch_),
        exit_weights_(options.exit_weights) {
    if (exit_weights_.empty()) exit_weights_.assign(graph.outputs.size(), 1.0);
    if (options.threads > 0) at::set_num_threads(options.threads);
    state_.identity = identity_of(graph, training, options);
  }

  TrainResult run() {
    if (options_.resume) resume();
    while (state_.step < steps()) {
      run_epoch();
      state_.epochs.push_back(report());
      state_.epoch_loss = state_.epoch_seconds = 0;
      if (!options_.checkpoint.empty()) {
        write_log(state_.epochs, options_.checkpoint);
        save();
      }
    }
    TrainResult result{.graph = graph_, .epochs = state_.epochs};
    network_.write_weights(result.graph);
    return result;
  }

 private:
  std::int64_t steps() const { return steps_per_epoch_ * options_.epochs; }
  int epoch() const { return static_cast<int>(state_.epochs.size()); }

  void run_epoch() {
    const std::vector<int> order = data::epoch_order(training_.size(), options_.seed, epoch());
    const std::int64_t first_step = epoch() * steps_per_epoch_;
    Clock::time_point last = Clock::now();
    Seconds since_save{0};
    while (state_.step < first_step + steps_per_epoch_) {
      const std::size_t from = static_cast<std::size_t>(state_.step - first_step) * batch_;
      state_.epoch_loss += step(std::span(order).subspan(from, batch_));
      ++state_.step;
      const Seconds spent = Clock::now() - last;
      last += std::chrono::duration_cast<Clock::duration>(spent);
      state_.epoch_seconds += spent.count();
      since_save += spent;
      show(state_.epoch_loss / static_cast<double>(state_.step - first_step));
      const bool within = state_.step < first_step + steps_per_epoch_;
      if (within && !options_.checkpoint.empty() && since_save.count() >= options_.checkpoint_seconds) {
        save();
        since_save = Seconds{0};
      }
    }
  }

  /// One step of the optimizer. Returns the loss, averaged over the exits by their weights.
  double step(std::span<const int> samples) {
    std::vector<float> pixels(samples.size() * training_.image_size());
    data::fill_augmented_batch(training_, samples, augmentation_, options_.seed, epoch(), pixels);
    std::vector<std::int64_t> labels;
    for (const int sample : samples) labels.push_back(training_.labels[sample]);
    seed_dropout(device_, options_.seed, state_.step);
    const at::Tensor loss = joint_loss(batch_tensor(training_, pixels), at::tensor(labels).to(device_));
    const double value = loss.item<double>();
    loss.backward();
    at::Tensor gradient = parameters_.take_gradients();
    const double norm = clip_gradient(gradient, options_.clip_norm);
    if (!std::isfinite(value) || !std::isfinite(norm)) {
      throw Error(ErrorKind::kInvalidData, "training",
                  "the loss is no longer a number at step " + std::to_string(state_.step + 1) + " of epoch " +
                      std::to_string(epoch() + 1) + "; a lower learning rate may help");
    }
    optimizer_.step(gradient, one_cycle(options_.learning_rate, state_.step, steps()));
    return value / std::accumulate(exit_weights_.begin(), exit_weights_.end(), 0.0);
  }

  at::Tensor joint_loss(const at::Tensor& input, const at::Tensor& labels) const {
    const AutocastBf16 autocast(options_.precision == "bf16", device_.is_cuda());
    const std::vector<at::Tensor> logits = network_.forward(input, true);
    at::Tensor sum = at::zeros({}, input.options());
    for (std::size_t exit = 0; exit < logits.size(); ++exit) {
      sum = sum + exit_weights_[exit] * at::cross_entropy_loss(logits[exit].to(at::kFloat), labels, {},
                                                               at::Reduction::Mean, -100, options_.label_smoothing);
    }
    return sum;
  }

  at::Tensor batch_tensor(const data::Dataset& data, std::vector<float>& pixels) const {
    const auto count = static_cast<std::int64_t>(pixels.size()) / data.image_size();
    return at::from_blob(pixels.data(), {count, data.channels, data.height, data.width}, at::kFloat)
        .to(device_, at::kFloat, false, true, layout_);
  }

  /// Accuracy of every exit on the test split, in f32.
  std::vector<double> test_accuracy() const {
    const at::NoGradGuard no_gradients;
    std::vector<double> right(graph_.outputs.size(), 0.0);
    for (int from = 0; from < test_.size(); from += kEvaluationBatch) {
      std::vector<int> samples(std::min(kEvaluationBatch, test_.size() - from));
      std::iota(samples.begin(), samples.end(), from);
      std::vector<float> pixels(samples.size() * test_.image_size());
      data::fill_batch(test_, samples, pixels);
      const auto first = test_.labels.begin() + from;
      const at::Tensor labels = at::tensor(std::vector<std::int64_t>(first, first + samples.size())).to(device_);
      const std::vector<at::Tensor> logits = network_.forward(batch_tensor(test_, pixels), false);
      for (std::size_t exit = 0; exit < logits.size(); ++exit) {
        right[exit] += logits[exit].argmax(1).eq(labels).sum().item<double>();
      }
    }
    for (double& share : right) share /= test_.size();
    return right;
  }

  EpochReport report() const {
    return {.epoch = epoch() + 1,
            .loss = state_.epoch_loss / static_cast<double>(steps_per_epoch_),
            .accuracy = test_accuracy(),
            .seconds = state_.epoch_seconds};
  }

  /// "epoch 3/15  loss 0.41  acc 71.2/83.0/90.1": first, middle and last exit after the last finished epoch.
  void show(double loss) const {
    char text[128];
    int length = std::snprintf(text, sizeof text, "epoch %d/%d  loss %.3f", epoch() + 1, options_.epochs, loss);
    if (!state_.epochs.empty()) {
      const std::vector<double>& accuracy = state_.epochs.back().accuracy;
      length += std::snprintf(text + length, sizeof text - length, "  acc %.1f/%.1f/%.1f", 100 * accuracy.front(),
                              100 * accuracy[accuracy.size() / 2], 100 * accuracy.back());
    }
    progress_.update("train", state_.step, steps(), std::string_view(text, length));
  }

  void save() {
    const auto copy = [](const std::map<std::string, at::Tensor>& tensors) {
      std::map<std::string, std::vector<float>> values;
      for (const auto& [name, tensor] : tensors) {
        const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
        values[name].assign(plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
      }
      return values;
    };
    state_.weights = copy(network_.state());
    state_.momenta = copy(optimizer_.momenta());
    write_checkpoint(state_, options_.checkpoint);
  }

  void resume() {
    std::optional<Checkpoint> found = read_checkpoint(options_.checkpoint, state_.identity);
    if (!found) return;
    const at::NoGradGuard no_gradients;
    const auto restore = [&](const std::map<std::string, at::Tensor>& tensors,
                             const std::map<std::string, std::vector<float>>& values) {
      for (auto [name, tensor] : tensors) {
        const auto value = values.find(name);
        if (value == values.end() || static_cast<std::int64_t>(value->second.size()) != tensor.numel()) {
          throw Error(ErrorKind::kInvalidData, options_.checkpoint.string(), "the checkpoint lacks '" + name + "'");
        }
        tensor.copy_(at::tensor(value->second).reshape(tensor.sizes()));
      }
    };
    restore(network_.state(), found->weights);
    restore(optimizer_.momenta(), found->momenta);
    state_ = *std::move(found);
  }

  const graph::Graph& graph_;
  const data::Dataset& training_;
  const data::Dataset& test_;
  const TrainOptions& options_;
  Progress& progress_;
  at::Device device_;
  at::MemoryFormat layout_;
  Interpreter network_;
  FlatParameters parameters_;
  Sgd optimizer_;
  data::Augmentation augmentation_;
  int batch_;
  std::int64_t steps_per_epoch_;
  std::vector<double> exit_weights_;
  Checkpoint state_;
};

}  // namespace

TrainResult train(const graph::Graph& graph, const data::Dataset& training, const data::Dataset& test,
                  const TrainOptions& options, Progress& progress) {
  check(graph, training, test, options);
  return Trainer(graph, training, test, options, progress).run();
}

std::vector<std::vector<float>> evaluate(const graph::Graph& graph, std::span<const float> input, int count) {
  if (graph.inputs.size() != 1) throw Error(ErrorKind::kUnsupported, graph.name, "only networks with one input");
  graph::Shape shape = graph.inputs[0].shape;
  if (shape.empty()) throw Error(ErrorKind::kInvalidData, graph.name, "the input has no batch dimension");
  shape[0] = count;
  if (count < 0 || graph::element_count(shape) != static_cast<std::int64_t>(input.size())) {
    throw Error(ErrorKind::kInvalidData, graph.name,
                "takes " + graph::to_string(shape) + ", but " + std::to_string(input.size()) + " values are given");
  }
  const at::NoGradGuard no_gradients;
  const Interpreter network(graph, at::kCPU);
  const at::Tensor all = at::tensor(at::ArrayRef<float>(input.data(), input.size())).reshape(shape);
  std::vector<std::vector<float>> result(graph.outputs.size());
  for (int from = 0; from < count; from += kEvaluationBatch) {
    const std::vector<at::Tensor> outputs =
        network.forward(all.narrow(0, from, std::min(kEvaluationBatch, count - from)), false);
    for (std::size_t exit = 0; exit < outputs.size(); ++exit) {
      const at::Tensor plain = outputs[exit].contiguous();
      result[exit].insert(result[exit].end(), plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
    }
  }
  return result;
}

}  // namespace einet::train
