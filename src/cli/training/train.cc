#include <filesystem>
#include <functional>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/executor_options.h"
#include "cli/head_option.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "cli/progress_line.h"
#include "cli/rescue.h"
#include "cli/sample_options.h"
#include "cli/training/training_curves.h"
#include "graph/onnx_file.h"
#include "io/file.h"
#include "train/trainer.h"

namespace einet::cli {
namespace {

struct TrainArguments {
  std::string model, output, shape, head;
  SampleOptions samples;
  std::string recipe = "default";
  std::vector<std::function<void(train::TrainOptions&)>> changes;  ///< Changes of the recipe by other options.
  std::string checkpoint, plot;
  bool json = false;
};

/// An option that changes one field of the recipe.
template <class T>
CLI::Option* field(CLI::App* sub, const std::shared_ptr<TrainArguments>& o, const char* name,
                   T train::TrainOptions::*field, const char* help) {
  return sub->add_option_function<T>(
      name, [o, field](const T& value) { o->changes.push_back([=](train::TrainOptions& t) { t.*field = value; }); },
      help);
}

double waiting_share(const train::TrainResult& result) {
  double seconds = 0, waiting = 0;
  for (const auto& e : result.epochs) {
    seconds += e.seconds;
    waiting += e.waiting_seconds;
  }
  return seconds > 0 ? waiting / seconds : 0.0;
}

void report(const TrainArguments& o, const train::TrainResult& result) {
  nlohmann::json epochs = nlohmann::json::array();
  for (const auto& e : result.epochs) {
    epochs.push_back({{"epoch", e.epoch},
                      {"loss", e.loss},
                      {"accuracy", e.accuracy},
                      {"expectation", e.expectation},
                      {"elasticity", e.elasticity},
                      {"seconds", e.seconds},
                      {"waiting_seconds", e.waiting_seconds}});
  }
  if (o.json) {
    print_json(nlohmann::json{{"model", o.output}, {"dataset", o.samples.source.data}, {"epochs", epochs}});
    return;
  }
  std::cout << o.output << ": accuracy on the test images, %\n" << std::fixed << std::setprecision(2);
  const auto& last = result.epochs.back().accuracy;
  for (std::size_t i = 0; i < last.size(); ++i) std::cout << "  exit " << i + 1 << "  " << 100 * last[i] << '\n';
  const auto& epoch = result.epochs.back();
  std::cout << "best static plan  " << 100 * epoch.expectation << "  (uniform cut-off, times by multiply-accumulates), "
            << std::setprecision(3) << "elasticity " << epoch.elasticity << std::setprecision(2) << '\n';
  std::cout << "waited for images " << 100 * waiting_share(result) << " % of the time\n";
}

graph::Graph open(const TrainArguments& o) {
  graph::LoadOptions load{.channels_first = true};
  if (!o.shape.empty()) load.input_shape = parse_shape(o.shape);
  graph::Graph graph = graph::load_onnx(o.model, load);
  set_head(o.model, o.head, graph);
  report_assumed_heads(o.model, graph);
  return graph;
}

/// Reports errors that would otherwise appear when saving, after hours.
void check_outputs(const std::filesystem::path& output, const std::filesystem::path& checkpoint) {
  io::check_output_folder(checkpoint);
  std::error_code error;
  const std::filesystem::path folder = output.parent_path();
  const bool made_by_checkpoint = !folder.empty() && folder.lexically_normal() == checkpoint.lexically_normal() &&
                                  !std::filesystem::exists(folder, error);
  if (!made_by_checkpoint) io::check_output(output);
}

}  // namespace

void add_train(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("train", "Train the exits of a multi-exit network");
  auto o = std::make_shared<TrainArguments>();
  using T = train::TrainOptions;
  sub->add_option("model", o->model, "ONNX file, such as one written by einet model build")->required();
  add_sample_options(*sub, o->samples);
  sub->get_option("--data")->required();
  sub->add_option("-o,--output", o->output, "ONNX file to write")->required();
  sub->add_option("--shape", o->shape, "Shape of the input if the file leaves it open, such as 3x224x224");
  add_head_option(*sub, o->head);
  sub->add_option(
         "--recipe", o->recipe,
         "default; paper: exit by exit, Adam 0.001, 300 epochs; msdnet: all exits, SGD 0.1 in steps, 300 epochs. "
         "Other options change it")
      ->check(CLI::IsMember({"default", "paper", "msdnet"}));
  field(sub, o, "--mode", &T::mode,
        "joint: all exits at once; sequential: exit by exit; branches: all except trunk and last exit, which stay as "
        "they "
        "are")
      ->check(CLI::IsMember({"joint", "sequential", "branches"}));
  field(
      sub, o, "--only", &T::only,
      "With --mode branches: train only these exits and leave all others unchanged; numbers, ranges such as 1-3, names "
      "of outputs, or new for untrained ones")
      ->delimiter(',');
  field(sub, o, "--epochs", &T::epochs, "Passes over the training images (15)")->check(CLI::Range(1, 100000));
  sub->add_option_function<std::string>(
      "--budget",
      [o](const std::string& text) { o->changes.push_back([time = parse_duration(text)](T& t) { t.budget = time; }); },
      "Instead of --epochs: as many as fit into this time, such as 90m, as measured at the start");
  field(sub, o, "--batch", &T::batch, "Images per step (128)")->check(CLI::Range(1, 65536));
  field(sub, o, "--optimizer", &T::optimizer, "sgd or adam")->check(CLI::IsMember({"sgd", "adam"}));
  field(sub, o, "--schedule", &T::schedule, "Schedule of the learning rate: one-cycle, steps or constant")
      ->check(CLI::IsMember({"one-cycle", "steps", "constant"}));
  field(sub, o, "--lr", &T::learning_rate, "Peak learning rate of the schedule (0.1)");
  field(sub, o, "--momentum", &T::momentum, "Nesterov momentum of sgd (0.9)");
  field(sub, o, "--weight-decay", &T::weight_decay, "Weight decay of convolution and linear weights (0.0005)");
  field(sub, o, "--clip", &T::clip_norm, "Gradient norm limit; 0 = none (5)");
  field(sub, o, "--label-smoothing", &T::label_smoothing, "Label smoothing of the cross entropy")
      ->check(CLI::Range(0.0, 0.9));
  field(sub, o, "--distill", &T::distillation, "Weight of the last exit's output in the targets of the other exits")
      ->check(CLI::Range(0.0, 1.0));
  field(sub, o, "--exit-weights", &T::exit_weights, "One loss weight per exit; default equal")->delimiter(',');
  sub->add_flag_callback(
      "--no-augment", [o] { o->changes.push_back([](T& t) { t.augment = false; }); }, "No random crops and flips");
  sub->add_option_function<double>(
         "--feature-memory",
         [o](double gib) {
           o->changes.push_back([gib](T& t) { t.feature_memory_bytes = static_cast<std::int64_t>(gib * (1 << 30)); });
         },
         "GiB for cached trunk activations, which --mode branches without augmentation computes only once (4)")
      ->check(CLI::Range(0.0, 1e6));
  field(sub, o, "--seed", &T::seed, "Seed of data order, augmentation and dropout");
  field(sub, o, "--device", &T::device, "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}));
  field(sub, o, "--precision", &T::precision, "bf16 or f32; default: bf16 if this processor has AVX-512")
      ->check(CLI::IsMember({"bf16", "f32"}));
  field(sub, o, "--threads", &T::threads, "At most the number of processors that this process may use; 0 = all of them")
      ->check(CLI::Range(0, 1024));
  sub->add_option(
      "--checkpoint", o->checkpoint,
      "Directory for checkpoints and curves (log.csv, steps.csv, log.jsonl); default checkpoints/<output name>");
  sub->add_option("--plot", o->plot, "SVG file with the training curves, renewed after every epoch");
  sub->add_flag_callback(
      "--local-statistics", [o] { o->changes.push_back([](T& t) { t.synchronized_statistics = false; }); },
      "With several processes (WORLD_SIZE, RANK, MASTER_ADDR, MASTER_PORT, as torchrun sets them): batch normalisation "
      "by each process's own images instead of the whole batch");
  field(sub, o, "--checkpoint-seconds", &T::checkpoint_seconds, "Time between checkpoints within an epoch (120)");
  sub->add_flag_callback(
      "--resume", [o] { o->changes.push_back([](T& t) { t.resume = true; }); },
      "Continue from the checkpoint, with the same result as without interruption; otherwise the old checkpoint is "
      "kept as checkpoint.old.npz");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] {
    train::TrainOptions options = train::recipe(o->recipe);
    for (const auto& change : o->changes) change(options);
    options.threads = available_threads(options.threads);
    options.checkpoint = !o->checkpoint.empty()
                             ? std::filesystem::path(o->checkpoint)
                             : std::filesystem::path("checkpoints") / std::filesystem::path(o->output).stem();
    options.ranks = train::Ranks::from_environment();
    const bool first = options.ranks->is_first();
    if (first) check_outputs(o->output, options.checkpoint);
    if (first && !o->plot.empty()) {
      io::check_output(o->plot);
      options.on_epoch = [file = o->plot](const std::vector<train::EpochReport>& epochs) {
        io::write_file(file, training_curves_svg(epochs));
      };
    }
    const graph::Graph graph = open(*o);
    const graph::Input& input = graph.inputs.at(0);
    adopt_preparation(o->model, input, graph.preprocessing, graph.normalization, o->samples);
    const auto training = load_samples(o->samples, data::Split::kTrain, input);
    const auto test = load_samples(o->samples, data::Split::kTest, input);
    train::TrainResult result;
    if (first) {
      ProgressLine progress;
      result = train::train(graph, training, test, options, progress);
    } else {
      train::train(graph, training, test, options);
      return;
    }
    result.graph.preprocessing = o->samples.preprocessing.resolved(input.shape);
    result.graph.normalization = training.normalization;
    save_or_rescue(o->output, [&](const std::filesystem::path& file) { graph::save_onnx(result.graph, file); });
    report(*o, result);
  });
}

}  // namespace einet::cli
