#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "command.h"
#include "einet/graph/onnx_file.h"
#include "einet/train/trainer.h"
#include "progress_line.h"
#include "samples.h"

namespace einet::cli {
namespace {

struct Options {
  std::string model, output;
  SampleOptions samples;
  train::TrainOptions train;
  std::string checkpoint;
  bool no_augment = false;
  bool json = false;
};

void report(const Options& o, const train::TrainResult& result) {
  nlohmann::json epochs = nlohmann::json::array();
  for (const auto& e : result.epochs) {
    epochs.push_back({{"epoch", e.epoch}, {"loss", e.loss}, {"accuracy", e.accuracy}, {"seconds", e.seconds}});
  }
  if (o.json) {
    std::cout << nlohmann::json{{"model", o.output}, {"dataset", o.samples.data}, {"epochs", epochs}}.dump(2) << '\n';
    return;
  }
  std::cout << o.output << ": accuracy on the test images, %\n" << std::fixed << std::setprecision(2);
  const auto& last = result.epochs.back().accuracy;
  for (std::size_t i = 0; i < last.size(); ++i) std::cout << "  exit " << i + 1 << "  " << 100 * last[i] << '\n';
}

}  // namespace

void add_train(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("train", "Train all exits of a multi-exit network jointly");
  auto o = std::make_shared<Options>();
  train::TrainOptions& t = o->train;
  sub->add_option("model", o->model, "ONNX file (einet model build makes one)")->required();
  add_sample_options(*sub, o->samples);
  sub->get_option("--data")->required();
  sub->add_option("-o,--output", o->output, "ONNX file to write")->required();
  sub->add_option("--epochs", t.epochs, "Passes over the training images")->check(CLI::Range(1, 100000));
  sub->add_option("--batch", t.batch, "Images per step")->check(CLI::Range(1, 65536));
  sub->add_option("--lr", t.learning_rate, "Peak learning rate of the one-cycle schedule");
  sub->add_option("--momentum", t.momentum, "Nesterov momentum");
  sub->add_option("--weight-decay", t.weight_decay, "Of convolution and linear weights");
  sub->add_option("--clip", t.clip_norm, "Gradient norm limit; 0 = none");
  sub->add_option("--label-smoothing", t.label_smoothing, "Cross entropy's label smoothing")
      ->check(CLI::Range(0.0, 0.9));
  sub->add_option("--exit-weights", t.exit_weights, "One loss weight per exit; default equal")->delimiter(',');
  sub->add_flag("--no-augment", o->no_augment, "No random crops and flips");
  sub->add_option("--seed", t.seed, "Of data order, augmentation and dropout");
  sub->add_option("--device", t.device, "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}));
  sub->add_option("--precision", t.precision, "bf16 or f32")->check(CLI::IsMember({"bf16", "f32"}));
  sub->add_option("--threads", t.threads, "0 = all cores")->check(CLI::Range(0, 1024));
  sub->add_option("--checkpoint", o->checkpoint,
                  "Directory for checkpoints and log.csv; default checkpoints/<output name>");
  sub->add_option("--checkpoint-seconds", t.checkpoint_seconds, "Time between checkpoints within an epoch");
  sub->add_flag("--resume", t.resume, "Go on from the checkpoint, as if never interrupted");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] {
    const graph::Graph graph = graph::load_onnx(o->model);
    const auto training = load_samples(o->samples, data::Split::kTrain, graph.inputs.at(0).shape);
    const auto test = load_samples(o->samples, data::Split::kTest, graph.inputs.at(0).shape);
    o->train.augment = !o->no_augment;
    o->train.checkpoint = !o->checkpoint.empty()
                              ? std::filesystem::path(o->checkpoint)
                              : std::filesystem::path("checkpoints") / std::filesystem::path(o->output).stem();
    train::TrainResult result;
    {
      ProgressLine progress;
      result = train::train(graph, training, test, o->train, progress);
    }
    graph::save_onnx(result.graph, o->output);
    report(*o, result);
  });
}

}  // namespace einet::cli
