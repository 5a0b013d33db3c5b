#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "bundle/bundle.h"
#include "bundle/network_file.h"
#include "cli/bench/bench.h"
#include "cli/executor_options.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "cli/progress_line.h"
#include "cli/sample_options.h"
#include "einet/time.h"
#include "exec/platform.h"
#include "measure/confidences.h"
#include "measure/executor_benchmark.h"
#include "profile/cs_profile.h"
#include "zoo/zoo.h"

namespace einet::cli {
namespace {

struct BenchExecutorArguments {
  std::string model, shape;
  std::string budget = "2s";
  SampleOptions samples;
  int batch = 1;
  ExecutorOptions executor;
  bool json = false;
};

/// An ONNX file, a bundle, or, if there is no such file, a network of the zoo with default settings and fresh weights.
graph::Graph load_network(const BenchExecutorArguments& o) {
  if (!std::filesystem::exists(o.model)) {
    for (const zoo::NamedNetwork& network : zoo::networks()) {
      if (network.name == o.model) return zoo::build(o.model, {});
    }
  }
  graph::LoadOptions options{.channels_first = true};
  if (!o.shape.empty()) options.input_shape = parse_shape(o.shape);
  return bundle::load_network(o.model, options);
}

struct LoadTimes {
  double load = 0, tune = 0, compile = 0;
};

exec::Platform platform_of(const BenchExecutorArguments& o) {
  return exec::this_platform(o.executor.threads, exec::parse_precision(o.executor.precision));
}

nlohmann::json to_json(const measure::PartTime& part) {
  const profile::TimeStat& t = part.time;
  return {{"median_seconds", t.p50},
          {"p90_seconds", t.p90},
          {"p99_seconds", t.p99},
          {"macs", part.macs},
          {"gflops", 1e-9 * part.flops(t.p50)}};
}

nlohmann::json to_json(const BenchExecutorArguments& o, const LoadTimes& load, const measure::ExecutorBenchmark& b) {
  nlohmann::json blocks = nlohmann::json::array();
  for (std::size_t i = 0; i < b.conv.size(); ++i) {
    blocks.push_back({{"exit", i + 1}, {"conv", to_json(b.conv[i])}, {"branch", to_json(b.branch[i])}});
  }
  const exec::Platform platform = platform_of(o);
  return {{"model", o.model},
          {"processor", platform.processor},
          {"library", platform.library},
          {"threads", platform.threads},
          {"precision", platform.precision},
          {"batch", o.batch},
          {"samples", b.samples},
          {"load_seconds", load.load},
          {"tune_seconds", load.tune},
          {"compile_seconds", load.compile},
          {"total", to_json(b.total)},
          {"blocks", blocks},
          {"peak_gflops", 1e-9 * b.peak_flops},
          {"share_of_peak", b.share_of_peak(b.total.time.p50)},
          {"fastest_seconds", b.fastest_seconds},
          {"fastest_share_of_peak", b.share_of_peak(b.fastest_seconds)},
          {"one_block_seconds", b.one_block_seconds},
          {"block_overhead", b.block_overhead},
          {"arena_bytes", b.arena_bytes},
          {"heap_calls", b.heap_calls ? nlohmann::json(*b.heap_calls) : nlohmann::json()},
          {"stop", {{"median_seconds", b.stop.p50}, {"p90_seconds", b.stop.p90}, {"p99_seconds", b.stop.p99}}}};
}

// The effect of the precision on test images; empty for float32 or without data.
std::optional<profile::PrecisionReport> accuracy_report(const BenchExecutorArguments& o, const graph::Graph& graph,
                                                        Progress& progress) {
  if (o.samples.source.data.empty()) return std::nullopt;
  SampleOptions samples = o.samples;
  if (std::filesystem::is_directory(o.model)) {
    adopt_preparation(o.model, bundle::load_bundle(o.model), samples);
  } else {
    adopt_preparation(o.model, graph.inputs.at(0), graph.preprocessing, graph.normalization, samples);
  }
  const auto set = load_samples(samples, data::Split::kTest, graph.inputs.at(0));
  data::check_samples(set, graph, o.model);
  const auto measure = [&](exec::Precision precision) {
    return measure::measure_confidences(graph, set.labels, data::normalized_images(set), progress, precision);
  };
  return profile::compare_precision(measure(exec::Precision::kFloat32),
                                    measure(exec::parse_precision(o.executor.precision)));
}

nlohmann::json to_json(const profile::PrecisionReport& report) {
  return {{"accuracy", report.accuracy},
          {"f32_accuracy", report.reference_accuracy},
          {"label_agreement", report.agreement},
          {"lowest_label_agreement", report.lowest_agreement()}};
}

void print(const BenchExecutorArguments& o, const profile::PrecisionReport& report) {
  std::cout << "\n"
            << o.executor.precision << " compared with f32 on " << o.samples.source.data
            << "\nexit    same label      f32" << std::setw(9) << o.executor.precision << '\n';
  for (std::size_t i = 0; i < report.agreement.size(); ++i) {
    std::cout << std::setw(4) << i + 1 << std::fixed << std::setprecision(2) << std::setw(12)
              << 100 * report.agreement[i] << " %" << std::setw(9) << 100 * report.reference_accuracy[i] << std::setw(9)
              << 100 * report.accuracy[i] << '\n';
  }
}

void print_row(const std::string& name, const measure::PartTime& part) {
  const profile::TimeStat& t = part.time;
  std::cout << std::left << std::setw(14) << name << std::right << std::setw(11) << format_seconds(t.p50)
            << std::setw(11) << format_seconds(t.p90) << std::setw(11) << format_seconds(t.p99) << std::setw(11)
            << format_count(static_cast<double>(part.macs)) << std::setw(10) << std::fixed << std::setprecision(1)
            << (1e-9 * part.flops(t.p50)) << '\n';
}

void print(const BenchExecutorArguments& o, const LoadTimes& load, const measure::ExecutorBenchmark& b) {
  const exec::Platform platform = platform_of(o);
  std::cout << o.model << " on " << platform.processor << ", " << platform.library << ", " << platform.threads
            << (platform.threads == 1 ? " thread, " : " threads, ") << platform.precision << ", batch " << o.batch
            << ", " << b.samples << " runs\n"
            << "load " << format_seconds(load.load)
            << (o.executor.no_tune ? ", not tuned" : ", tune " + format_seconds(load.tune)) << ", compile "
            << format_seconds(load.compile) << "\n\n"
            << "part               median        p90        p99       MACs   GFLOP/s\n";
  for (std::size_t i = 0; i < b.conv.size(); ++i) {
    const std::string exit = std::to_string(i + 1);
    if (b.conv[i].time.p50 > 0) print_row("conv " + exit, b.conv[i]);
    print_row("branch " + exit, b.branch[i]);
  }
  print_row("total", b.total);
  std::cout << std::setprecision(1) << "\nshare of peak   " << 100 * b.share_of_peak(b.total.time.p50)
            << " % at the median, " << 100 * b.share_of_peak(b.fastest_seconds) << " % at the fastest run ("
            << format_seconds(b.fastest_seconds) << "), of " << 1e-9 * b.peak_flops
            << " GFLOP/s measured in f32 on one core\n"
            << "blocks          " << std::showpos << std::setprecision(2) << 100 * b.block_overhead << std::noshowpos
            << " % over the network in one piece (" << format_seconds(b.one_block_seconds) << ")\n"
            << "arena           " << format_count(static_cast<double>(b.arena_bytes)) << "B\n"
            << "heap calls      " << (b.heap_calls ? std::to_string(*b.heap_calls) : "not counted in this build")
            << "\nstop            median " << format_seconds(b.stop.p50) << ", p90 " << format_seconds(b.stop.p90)
            << ", p99 " << format_seconds(b.stop.p99) << " after the flag\n";
}

void run(const BenchExecutorArguments& o) {
  LoadTimes load;
  measure::ExecutorBenchmarkOptions options;
  options.budget = parse_duration(o.budget);
  const auto timed = [](double& seconds, auto work) {
    const auto begin = Clock::now();
    auto result = work();
    seconds = Seconds(Clock::now() - begin).count();
    return result;
  };
  exec::CompileOptions compile = o.executor.compile_options();
  compile.batch = o.batch;
  const graph::Graph graph = timed(load.load, [&] { return load_network(o); });
  measure::ExecutorBenchmark result;
  std::optional<profile::PrecisionReport> accuracy;
  {
    ProgressLine progress;
    if (!o.executor.no_tune)
      compile.tuning = timed(load.tune, [&] { return exec::tune(graph, compile, {}, progress); });
    const auto program = timed(load.compile, [&] { return exec::compile(graph, compile); });
    accuracy = accuracy_report(o, graph, progress);
    result = measure::benchmark_executor(graph, compile, *program, options, progress);
  }
  if (o.json) {
    auto json = to_json(o, load, result);
    if (accuracy) json["accuracy"] = to_json(*accuracy);
    print_json(json);
  } else {
    print(o, load, result);
    if (accuracy) print(o, *accuracy);
  }
}

}  // namespace

void add_bench_executor(CLI::App& bench) {
  CLI::App* sub =
      bench.add_subcommand("executor", "Measure a network on this machine, part by part; needs only a model");
  auto o = std::make_shared<BenchExecutorArguments>();
  sub->add_option("model", o->model, "ONNX file, bundle, or network of the zoo")->required();
  sub->add_option("--shape", o->shape, "Shape of the input if the file leaves it open, such as 3x224x224");
  add_executor_options(*sub, o->executor);
  sub->add_option("--batch", o->batch, "Images per run")->check(CLI::Range(1, 4096));
  add_sample_options(*sub, o->samples);
  sub->get_option("--data")->description("Also compare labels with f32 on the test images of this dataset or folder");
  sub->add_option("--budget", o->budget, "Duration of the measurement");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { run(*o); });
}

}  // namespace einet::cli
