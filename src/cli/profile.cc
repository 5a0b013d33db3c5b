#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "bundle/bundle.h"
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
#include "einet/distribution.h"
#include "einet/error.h"
#include "fit/combined_answers.h"
#include "graph/onnx_file.h"
#include "io/staged_directory.h"
#include "measure/block_times.h"
#include "measure/confidences.h"
#include "policy/decision_fit.h"

namespace einet::cli {
namespace {

struct Options {
  std::string model;
  BundleOutput output;
  SampleOptions samples;
  std::string budget = "2s";
  ExecutorOptions executor;
  std::string weights, shape, head;
  std::string log_probabilities = "auto";
  bool timing_only = false;
  bool json = false;
};

bool is_bundle(const Options& o) { return std::filesystem::is_directory(o.model); }

/// The bundle to add to: the given one, or a new one for an ONNX file.
bundle::Bundle open(const Options& o) {
  if (is_bundle(o)) return bundle::load_bundle(o.model);
  if (o.timing_only) {
    throw Error(ErrorKind::kUsage, o.model,
                "is not a bundle; --timing-only adds the times of this machine to a bundle");
  }
  bundle::Bundle bundle;
  if (const auto storage = graph::parse_weight_storage(o.weights)) bundle.weights = *storage;
  graph::LoadOptions options{.channels_first = true};
  if (!o.shape.empty()) options.input_shape = parse_shape(o.shape);
  graph::Graph graph = graph::load_onnx(o.model, options);
  set_head(o.model, o.head, graph);
  report_assumed_heads(o.model, graph);
  bundle::check_network(graph, o.model);
  bundle.preprocessing = std::exchange(graph.preprocessing, {});  // Stored in the manifest.
  bundle.normalization = std::exchange(graph.normalization, {});
  bundle.graph =
      bundle::with_rounded_weights(graph, bundle.weights);  // The weights that the bundle will contain are measured.
  return bundle;
}

/// The held-out images, after all checks that are possible before the first one is run.
data::Dataset held_out_set(const Options& o, const bundle::Bundle& bundle) {
  if (is_bundle(o)) bundle.require_weights();
  data::Dataset set = load_samples(o.samples, data::Split::kTest, bundle.graph.inputs.at(0));
  data::check_samples(set, bundle.graph, o.model);
  bundle::check_network(bundle.graph, o.model, set.classes());
  return set;
}

void add_confidences(bundle::Bundle& bundle, const SampleOptions& samples, const data::Dataset& set,
                     const profile::CsProfile& confidences) {
  bundle.dataset = set.name;
  bundle.hold_out = samples.source.hold_out;
  bundle.labels = set.label_names;
  bundle.normalization = set.normalization;
  bundle.preprocessing = samples.preprocessing.resolved(bundle.graph.inputs.at(0).shape);
  bundle.confidences = confidences;
  bundle.combination.reset();
  bundle.fold_combinations = {};
  bundle.fit.reset();  // It was fitted on other confidences.
  bundle.folds = {};
  for (auto& [platform, timing] : bundle.timing) timing.decisions.reset();
}

/// Up to this many bytes, log-probabilities are kept, or measured only to fit the weights of combined answers.
constexpr std::uint64_t kMostKept = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostFitted = std::uint64_t{1} << 30;

/// The value of --log-probabilities, with auto resolved to keep, fit or none.
std::string use_of_log_probabilities(const Options& o, const bundle::Bundle& bundle, const data::Dataset& set) {
  if (o.log_probabilities != "auto") return o.log_probabilities;
  const std::uint64_t values = std::uint64_t(set.labels.size()) * bundle.exits() * std::max(1, set.classes());
  const std::uint64_t bytes = values * sizeof(std::uint16_t);
  return bytes <= kMostKept ? "keep" : bytes <= kMostFitted ? "fit" : "none";
}

void report(const Options& o, const bundle::Destination& destination, const bundle::Bundle& bundle,
            const profile::EtProfile& timing) {
  const plan::BlockTimes times = timing.times();
  nlohmann::json exits = nlohmann::json::array();
  for (int i = 0; i < bundle.exits(); ++i) {
    exits.push_back({{"exit", i + 1}, {"conv_seconds", times.conv[i]}, {"branch_seconds", times.branch[i]}});
    if (bundle.confidences) exits.back()["accuracy"] = bundle.confidences->accuracy(i);
  }
  if (o.json) {
    nlohmann::json json = {{"bundle", destination.path.string()},
                           {"platform", timing.platform.name},
                           {"horizon_seconds", times.total()},
                           {"samples", bundle.confidences ? bundle.confidences->samples() : 0},
                           {"exits", exits}};
    if (bundle.combination) json["combined_answers"] = combination_summary(*bundle.combination);
    print_json(json);
    return;
  }
  std::cout << destination.path.string() << ": " << bundle.exits() << " exits on " << timing.platform.processor << ", "
            << format_seconds(times.total()) << " to run everything\nexit   conv part      branch  accuracy\n";
  for (const auto& e : exits) {
    std::cout << std::setw(4) << e["exit"].get<int>() << std::setw(12) << format_seconds(e["conv_seconds"])
              << std::setw(12) << format_seconds(e["branch_seconds"]);
    if (e.contains("accuracy")) {
      std::cout << std::setw(8) << std::fixed << std::setprecision(2) << 100 * e["accuracy"].get<double>() << " %";
    }
    std::cout << '\n';
  }
  if (bundle.combination && !o.timing_only) print_combination(*bundle.combination);
}

}  // namespace

void add_profile(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("profile", "Measure times on this machine and confidences on held-out data");
  auto o = std::make_shared<Options>();
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
      ->check(CLI::IsMember({"auto", "keep", "fit", "none"}));
  sub->add_flag("--timing-only", o->timing_only, "Only add the times of this machine to a bundle");
  sub->add_option("--budget", o->budget, "Duration of the measurement of times");
  add_executor_options(*sub, o->executor);
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
    std::string logarithms = "none";
    profile::CsProfile confidences;
    bundle::Bundle combined;  // Holds the weights of combined answers fitted on `confidences`.
    const auto add = [&](bundle::Bundle& b) {
      if (o->timing_only) return;
      add_confidences(b, o->samples, set, confidences);
      b.combination = combined.combination;
      b.fold_combinations = combined.fold_combinations;
    };
    if (!o->timing_only) {
      io::check_output_directory(destination.path);
      set = held_out_set(*o, start);
      logarithms = use_of_log_probabilities(*o, start, set);
      confidences.labels = set.labels;  // Enough to find out which parts saving will discard.
      confidences.classes = logarithms == "keep" ? set.classes() : 0;
    }
    bundle::check_update(destination, start, add);
    profile::EtProfile timing;
    {
      ProgressLine progress;
      if (!o->timing_only) {
        confidences = measure::measure_confidences(start.graph, set.labels, data::normalized_images(set), progress,
                                                   exec::Precision::kFloat32, logarithms != "none");
      }
      const auto program = exec::compile(start.graph, o->executor.tuned(start.graph, progress));
      timing = measure::measure_times(program, et, progress);
      if (!o->timing_only) {
        combined.confidences = std::move(confidences);
        fit::fit_combined_answers(combined, timing.times(), {}, progress);
        confidences = std::move(*combined.confidences);
        if (logarithms != "keep") confidences.drop_log_probabilities();
      }
      if (o->timing_only) timing.planning = bundle::measure_planning(start, *program, timing.times());
      if (const auto& known = o->timing_only ? start.confidences : std::optional(confidences)) {
        const plan::BlockTimes times = timing.times();
        timing.decisions = policy::checked_decisions(*known, times, plan::uniform_distribution(times.total())).table;
      }
    }
    const bundle::Bundle saved = save_result(destination, start, [&](bundle::Bundle& b) {
      add(b);
      b.timing[timing.platform.name] = timing;
    });
    report(*o, destination, saved, timing);
    if (timing.busy()) print_notes({bundle::busy_note(timing, "einet profile BUNDLE --timing-only")});
  });
}

}  // namespace einet::cli
