#include "train/trainer.h"

#include <algorithm>

#include "einet/error.h"
#include "graph/head.h"
#include "graph/open_batch.h"
#include "graph/shape_inference.h"
#include "train/interpreter.h"
#include "train/training.h"

namespace einet::train {
namespace {

constexpr int kChunk = 500;

std::string sizes(const data::Dataset& data) { return graph::to_string({-1, data.channels, data.height, data.width}); }

/// Throws if network, data and options do not match.
void check(const graph::Graph& graph, const data::Dataset& training, const data::Dataset& test,
           const TrainOptions& options) {
  const auto refuse = [&](const std::string& why) { throw Error(ErrorKind::kInvalidData, graph.name, why); };
  const auto require = [](bool good, const char* what, const char* why) {
    if (!good) throw Error(ErrorKind::kUsage, what, why);
  };
  require(options.epochs >= 1, "epochs", "must be at least 1");
  require(options.batch >= 2, "batch", "must be at least 2");
  const int ranks = options.ranks != nullptr ? options.ranks->size() : 1;
  require(options.batch >= 2 * ranks, "batch", "must be at least 2 images per process");
  require(options.learning_rate > 0, "learning rate", "must be positive");
  require(options.budget.count() >= 0, "budget", "must be positive");
  require(options.distillation >= 0 && options.distillation <= 1, "distillation", "must be in [0,1]");
  require(options.momentum >= 0 && options.momentum < 1, "momentum", "must be in [0,1)");
  require(options.precision == "bf16" || options.precision == "f32", "precision", "must be bf16 or f32");
  require(options.exit_weights.empty() || options.exit_weights.size() == graph.outputs.size(), "exit weights",
          "must be as many as there are exits");
  if (graph.inputs.size() != 1) refuse("only networks with one input can be trained on images");
  const graph::Shape& shape = graph.inputs[0].shape;
  if (training.size() < 2 || test.size() < 1) refuse("has too few samples to train on");
  for (const data::Dataset* data : {&training, &test}) {
    if (shape.size() != 4 || shape[1] != data->channels || shape[2] != data->height || shape[3] != data->width) {
      refuse("takes " + graph::to_string(shape) + ", but the images of " + data->name + " are " + sizes(*data));
    }
  }
  const graph::Shapes shapes = graph::infer_shapes(graph);
  for (const std::string& output : graph.outputs) {
    if (graph::exit_classes(graph, output, shapes.at(output)) != training.classes()) {
      refuse("output '" + output + "' has shape " + graph::to_string(shapes.at(output)) + ", but " + training.name +
             " has " + std::to_string(training.classes()) +
             " classes; make branches for these classes with einet model insert-exits --classes " +
             std::to_string(training.classes()));
    }
  }
}

}  // namespace

TrainResult train(const graph::Graph& graph, const data::Dataset& training, const data::Dataset& test,
                  const TrainOptions& options, Progress& progress) {
  check(graph, training, test, options);
  return Training(graph, training, test, options, progress).run();
}

std::vector<std::vector<float>> evaluate(const graph::Graph& graph, std::span<const float> input, int count) {
  const Interpreter network(graph::open_batch(graph), at::kCPU);
  graph::Shape shape = graph.inputs[0].shape;
  if (shape.empty()) throw Error(ErrorKind::kInvalidData, graph.name, "the input has no batch dimension");
  shape[0] = count;
  if (count < 0 || graph::element_count(shape) != static_cast<std::int64_t>(input.size())) {
    throw Error(ErrorKind::kInvalidData, graph.name,
                "takes " + graph::to_string(shape) + ", but " + std::to_string(input.size()) + " values are given");
  }
  const at::NoGradGuard no_gradients;
  const at::Tensor all = at::tensor(at::ArrayRef<float>(input.data(), input.size())).reshape(shape);
  std::vector<std::vector<float>> result(graph.outputs.size());
  for (int from = 0; from < count; from += kChunk) {
    const std::vector<at::Tensor> outputs = network.forward(all.narrow(0, from, std::min(kChunk, count - from)), false);
    for (std::size_t exit = 0; exit < outputs.size(); ++exit) {
      const at::Tensor plain = outputs[exit].contiguous();
      result[exit].insert(result[exit].end(), plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
    }
  }
  return result;
}

}  // namespace einet::train
