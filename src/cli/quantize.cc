#include "graph/quantization/quantize.h"

#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bundle/bundle.h"
#include "bundle/network_file.h"
#include "bundle/timing.h"
#include "bundle/update.h"
#include "cli/bundle_output.h"
#include "cli/command.h"
#include "cli/executor_options.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "cli/progress_line.h"
#include "cli/sample_options.h"
#include "cli/timing_options.h"
#include "data/dataset.h"
#include "einet/error.h"
#include "fit/profiling.h"
#include "fit/quantization.h"
#include "graph/onnx_file.h"
#include "io/staged_directory.h"
#include "measure/paired_times.h"

namespace einet::cli {
namespace {

struct QuantizeArguments {
  std::string model, shape;
  BundleOutput output;
  SampleOptions samples;
  int calibration = 1024;
  std::string range = "mse";
  double max_loss = 0.3;
  std::string budget = "2s";
  ExecutorOptions executor;
  bool json = false;
};

/// The network to quantise, without its measurements and what was fitted to them.
bundle::Bundle open(const QuantizeArguments& o) {
  if (std::filesystem::is_directory(o.model)) {
    if (!o.shape.empty()) throw Error(ErrorKind::kUsage, o.model, "is a bundle; --shape is for an ONNX file");
    bundle::Bundle bundle = bundle::load_bundle(o.model);
    bundle.require_weights();
    return bundle;
  }
  graph::LoadOptions options{.channels_first = true};
  if (!o.shape.empty()) options.input_shape = parse_shape(o.shape);
  return bundle::new_bundle(graph::load_onnx(o.model, options), graph::WeightStorage::kFloat16, o.model);
}

bundle::Bundle without_measurements(const bundle::Bundle& from) {
  bundle::Bundle bundle = from;
  bundle.digest.clear();
  bundle.confidences.reset();
  bundle.timing.clear();
  bundle.combination.reset();
  bundle.fold_combinations = {};
  bundle.fit.reset();
  bundle.folds = {};
  return bundle;
}

/// `count` images evenly over the whole set.
fit::Images spread(const data::Dataset& set, int count) {
  const int some = std::min(count, set.size());
  return {some, [image = data::normalized_images(set), some, all = set.size()](int i, std::span<float> out) {
            image(static_cast<int>(std::int64_t{i} * all / some), out);
          }};
}

nlohmann::json report_of(const QuantizeArguments& o, const fit::Quantization& quantization,
                         const measure::PairedTimes& times, const std::vector<graph::QuantizableLayer>& layers,
                         int calibration, int scored) {
  nlohmann::json exits = nlohmann::json::array();
  for (std::size_t i = 0; i < quantization.before.size(); ++i) {
    exits.push_back({{"exit", i + 1},
                     {"f32_accuracy", quantization.before[i]},
                     {"accuracy", quantization.after[i]},
                     {"loss_points", 100 * (quantization.before[i] - quantization.after[i])},
                     {"f32_seconds", times.first[i]},
                     {"seconds", times.second[i]},
                     {"speedup", times.speedup[i]}});
  }
  std::int64_t all = 0, in_bytes = 0;
  for (const graph::QuantizableLayer& layer : layers) {
    all += layer.macs;
    if (std::ranges::find(quantization.quantized, layer.node) != quantization.quantized.end()) in_bytes += layer.macs;
  }
  return {{"range", o.range},
          {"max_loss_points", o.max_loss},
          {"calibration_images", calibration},
          {"scored_images", scored},
          {"quantized_layers", quantization.quantized},
          {"returned_layers", quantization.returned},
          {"quantized_macs", in_bytes},
          {"quantizable_macs", all},
          {"exits", exits},
          {"f32_seconds", times.first.back()},
          {"seconds", times.second.back()},
          {"speedup", times.speedup.back()}};
}

void print_report(const nlohmann::json& r) {
  std::cout << r["bundle"].get<std::string>() << ": " << r["quantized_layers"].size() << " layers in int8";
  if (!r["returned_layers"].empty()) std::cout << ", " << r["returned_layers"].size() << " returned to float";
  std::cout << "; calibrated on " << r["calibration_images"] << " training images, scored on " << r["scored_images"]
            << " held-out images\nexit      f32     int8    loss    f32 time   int8 time  speed-up\n"
            << std::fixed << std::setprecision(2);
  for (const auto& e : r["exits"]) {
    std::cout << std::setw(4) << e["exit"].get<int>() << std::setw(7) << 100 * e["f32_accuracy"].get<double>() << " %"
              << std::setw(7) << 100 * e["accuracy"].get<double>() << " %" << std::setw(8)
              << e["loss_points"].get<double>() << std::setw(12) << format_seconds(e["f32_seconds"]) << std::setw(12)
              << format_seconds(e["seconds"]) << std::setw(10) << e["speedup"].get<double>() << '\n';
  }
  std::cout << " all" << std::setw(38) << format_seconds(r["f32_seconds"]) << std::setw(12)
            << format_seconds(r["seconds"]) << std::setw(10) << r["speedup"].get<double>() << '\n';
}

void quantize(const QuantizeArguments& o) {
  const Seconds budget = parse_duration(o.budget);
  fit::QuantizationOptions options{.range = fit::parse_range_rule(o.range), .max_loss = o.max_loss};
  const bundle::Destination destination = cli::destination(o.output, o.model);
  if (destination.in_place) {
    throw Error(ErrorKind::kUsage, o.model, "would be replaced by the quantised network; use -o OTHER.einet");
  }
  const bundle::Bundle given = open(o);
  options.storage = given.weights;
  if (graph::is_quantized(given.graph)) throw Error(ErrorKind::kUsage, o.model, "is quantised already");
  SampleOptions sample_options = o.samples;
  adopt_preparation(o.model, given, sample_options);
  const graph::Input& input = given.graph.inputs.at(0);
  const data::Dataset held_out = load_samples(sample_options, data::Split::kTest, input);
  data::check_samples(held_out, given.graph, o.model);
  const data::Dataset training = load_samples(sample_options, data::Split::kTrain, input);
  data::check_samples(training, given.graph, o.model);
  bundle::Bundle start = without_measurements(given);
  start.name = io::directory_place(destination.path).stem().string();
  bundle::check_update(destination, start, [](bundle::Bundle&) {});

  const fit::Images calibration = spread(training, o.calibration);
  fit::Quantization quantization;
  measure::PairedTimes times;
  std::unique_ptr<fit::Profiling> profiling;
  {
    ProgressLine progress;
    quantization = fit::quantize_network(given.graph, o.model, calibration, spread(held_out, held_out.size()),
                                         held_out.labels, options, progress);
    start.graph = quantization.graph;
    const exec::CompileOptions floats = o.executor.tuned(given.graph, progress);
    const exec::CompileOptions bytes = o.executor.tuned(start.graph, progress);
    times = measure::paired_times(*exec::compile(given.graph, floats), *exec::compile(start.graph, bytes), budget);
    profiling = std::make_unique<fit::Profiling>(
        start,
        fit::profile_samples(held_out, sample_options.source.hold_out,
                             sample_options.preprocessing.resolved(start.graph.inputs.at(0).shape)),
        fit::LogProbabilities::kAuto, o.model);
    profiling->measure(bytes, {.budget = budget}, 1, progress);
  }
  save_result(destination, start, [&](bundle::Bundle& b) { profiling->add_to(b); });
  nlohmann::json report =
      report_of(o, quantization, times, graph::quantizable_layers(given.graph), calibration.count, held_out.size());
  report["bundle"] = destination.path.string();
  if (o.json) {
    print_json(report);
  } else {
    print_report(report);
  }
  if (profiling->timing().busy()) {
    print_notes({bundle::busy_note(profiling->timing(), "einet profile BUNDLE --timing-only")});
  }
}

}  // namespace

void add_quantize(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("quantize", "Quantise a trained network to 8-bit integers, and profile it");
  auto o = std::make_shared<QuantizeArguments>();
  sub->add_option("model", o->model, "Bundle, or trained multi-exit ONNX file, in float")->required();
  add_bundle_output(*sub, o->output, "Bundle to write (name.einet)");
  sub->get_option("--output")->required();
  add_sample_options(*sub, o->samples);
  sub->get_option("--data")
      ->description("Dataset or folder: training images calibrate the ranges, test images score the result")
      ->required();
  sub->add_option("--calibration", o->calibration, "Number of training images to calibrate on (1024)")
      ->check(CLI::Range(1, 1 << 20));
  sub->add_option("--range", o->range,
                  "How the range of each value is chosen: mse (least squared error, default), max, or a percentile of "
                  "the absolute values such as 99.9");
  sub->add_option("--max-loss", o->max_loss,
                  "Points of accuracy that each exit may lose (0.3); layers that do most harm stay in float")
      ->check(CLI::Range(0.0, 100.0));
  sub->add_option("--shape", o->shape, "Shape of the input if an ONNX file leaves it open, such as 3x224x224");
  sub->add_option("--budget", o->budget, "Duration of each measurement of times");
  const auto set_threads = [o](int requested) { o->executor.threads = available_threads(requested); };
  sub->add_option_function<int>("--threads", set_threads, "Threads per network (1)")->check(CLI::Range(1, 1024));
  sub->add_flag("--no-tune", o->executor.no_tune,
                "Use the default implementations instead of finding the fastest ones for this machine");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { quantize(*o); });
}

}  // namespace einet::cli
