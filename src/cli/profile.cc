#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "bundle/bundle.h"
#include "bundle/network_file.h"
#include "bundle/timing.h"
#include "bundle/update.h"
#include "cli/bundle_output.h"
#include "cli/combination_report.h"
#include "cli/command.h"
#include "cli/executor_options.h"
#include "cli/head_option.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "cli/progress_line.h"
#include "cli/sample_options.h"
#include "cli/timing_options.h"
#include "data/dataset.h"
#include "einet/error.h"
#include "fit/profiling.h"
#include "graph/onnx_file.h"
#include "io/staged_directory.h"
#include "measure/block_times.h"

namespace einet::cli {
namespace {

struct ProfileArguments {
  std::string model;
  BundleOutput output;
  SampleOptions samples;
  std::string budget = "2s";
  ExecutorOptions executor;
  std::string weights, shape, head;
  std::string log_probabilities = "auto";
  bool timing_only = false;
  int lanes = 1;
  bool json = false;
};

bool is_bundle(const ProfileArguments& o) { return std::filesystem::is_directory(o.model); }

/// The bundle to add to: the given one, or a new one for an ONNX file.
bundle::Bundle open(const ProfileArguments& o) {
  if (is_bundle(o)) return bundle::load_bundle(o.model);
  if (o.timing_only) {
    throw Error(ErrorKind::kUsage, o.model,
                "is not a bundle; --timing-only adds the times of this machine to a bundle");
  }
  graph::LoadOptions options{.channels_first = true};
  if (!o.shape.empty()) options.input_shape = parse_shape(o.shape);
  graph::Graph graph = graph::load_onnx(o.model, options);
  set_head(o.model, o.head, graph);
  report_assumed_heads(o.model, graph);
  return bundle::new_bundle(std::move(graph),
                            graph::parse_weight_storage(o.weights).value_or(graph::WeightStorage::kFloat16), o.model);
}

/// The held-out images, after all checks that are possible before the first one is run.
data::Dataset held_out_set(const ProfileArguments& o, const bundle::Bundle& bundle) {
  if (is_bundle(o)) bundle.require_weights();
  data::Dataset set = load_samples(o.samples, data::Split::kTest, bundle.graph.inputs.at(0));
  data::check_samples(set, bundle.graph, o.model);
  return set;
}

void report(const ProfileArguments& o, const bundle::Destination& destination, const bundle::Bundle& bundle,
            const profile::EtProfile& timing) {
  nlohmann::json summary = fit::profile_summary(bundle, timing);
  if (o.json) {
    summary["bundle"] = destination.path.string();
    print_json(summary);
    return;
  }
  std::cout << destination.path.string() << ": " << bundle.exits() << " exits on " << timing.platform.processor << ", "
            << format_seconds(summary["horizon_seconds"])
            << " to run everything\nexit   conv part      branch  accuracy\n";
  for (const auto& e : summary["exits"]) {
    std::cout << std::setw(4) << e["exit"].get<int>() << std::setw(12) << format_seconds(e["conv_seconds"])
              << std::setw(12) << format_seconds(e["branch_seconds"]);
    if (e.contains("accuracy")) {
      std::cout << std::setw(8) << std::fixed << std::setprecision(2) << 100 * e["accuracy"].get<double>() << " %";
    }
    std::cout << '\n';
  }
  if (timing.lanes) {
    const plan::LaneTimes lane = timing.times(2).lane;
    std::cout << "with two lanes\nexit   conv part   (busy)      branch\n";
    for (int i = 0; i < bundle.exits(); ++i) {
      std::cout << std::setw(4) << i + 1 << std::setw(12) << format_seconds(lane.conv[i]) << std::setw(12)
                << format_seconds(lane.busy[i]) << std::setw(12) << format_seconds(lane.branch[i]) << '\n';
    }
  }
  if (bundle.combination && !o.timing_only) print_combination(*bundle.combination);
}

}  // namespace

void add_profile(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("profile", "Measure times on this machine and confidences on held-out data");
  auto o = std::make_shared<ProfileArguments>();
  sub->add_option("model", o->model, "Trained multi-exit ONNX file, or a bundle to measure again")->required();
  add_bundle_output(
      *sub, o->output,
      "Bundle to write (name.einet); default: the given bundle. Concurrent changes by other commands are kept");
  add_sample_options(*sub, o->samples);
  sub->get_option("--data")->description("Dataset (or image folder) whose test images are the held-out samples");
  sub->add_option("--weights", o->weights,
                  "Weights in a new bundle: float16 (default), float32, or none (profiles only)")
      ->check(CLI::IsMember(graph::weight_storage_names()));
  sub->add_option("--shape", o->shape, "Shape of the input if an ONNX file leaves it open, such as 3x224x224");
  add_head_option(*sub, o->head);
  sub->add_option(
         "--log-probabilities", o->log_probabilities,
         "Log-probabilities of the exits: keep (fit combined answers, which can then be simulated), fit (fit combined "
         "answers only), none, or auto: keep up to 64 MiB, fit up to 1 GiB")
      ->check(CLI::IsMember(fit::log_probabilities_names()));
  sub->add_flag("--timing-only", o->timing_only, "Only add the times of this machine to a bundle");
  sub->add_option("--budget", o->budget, "Duration of the measurement of times");
  add_executor_options(*sub, o->executor);
  sub->add_option("--lanes", o->lanes, "2: also measure the times of runs with branches on a second thread; default: 1")
      ->check(CLI::Range(1, 2));
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] {
    if (o->timing_only == !o->samples.source.data.empty()) {
      throw Error(ErrorKind::kUsage, "profile", "needs either --data NAME or --timing-only");
    }
    measure::EtOptions et;
    et.budget = parse_duration(o->budget);
    if (!o->weights.empty() && is_bundle(*o)) {
      throw Error(ErrorKind::kUsage, o->model, "is a bundle; --weights is for a new one");
    }
    if ((!o->shape.empty() || !o->head.empty()) && is_bundle(*o)) {
      throw Error(ErrorKind::kUsage, o->model, "is a bundle; --shape and --head are for an ONNX file");
    }
    const bundle::Destination destination = cli::destination(o->output, o->model);
    bundle::Bundle start = open(*o);
    if (start.name.empty()) start.name = io::directory_place(destination.path).stem().string();
    adopt_preparation(o->model, start, o->samples);
    data::Dataset set;
    std::optional<fit::ProfileSamples> samples;
    if (!o->timing_only) {
      io::check_output_directory(destination.path);
      set = held_out_set(*o, start);
      samples = fit::profile_samples(set, o->samples.source.hold_out,
                                     o->samples.preprocessing.resolved(start.graph.inputs.at(0).shape));
    }
    fit::Profiling profiling(start, std::move(samples), fit::parse_log_probabilities(o->log_probabilities), o->model);
    const auto add = [&](bundle::Bundle& b) { profiling.add_to(b); };
    bundle::check_update(destination, start, add);
    {
      ProgressLine progress;
      profiling.measure(o->executor.tuned(start.graph, progress), et, o->lanes, progress);
    }
    const profile::EtProfile& timing = profiling.timing();
    const bundle::Bundle saved = save_result(destination, start, add);
    report(*o, destination, saved, timing);
    if (timing.busy()) print_notes({bundle::busy_note(timing, "einet profile BUNDLE --timing-only")});
  });
}

}  // namespace einet::cli
