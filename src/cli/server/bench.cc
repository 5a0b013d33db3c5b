#include "cli/server/bench.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bundle/bundle.h"
#include "bundle/keep_exits.h"
#include "cli/executor_options.h"
#include "cli/interruption.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "cli/planning_options.h"
#include "cli/progress_line.h"
#include "cli/sample_options.h"
#include "cli/server/bench_report.h"
#include "cli/server/models.h"
#include "cli/timing_options.h"
#include "einet/error.h"
#include "eval/held_out_images.h"
#include "load/benchmark.h"
#include "serve/engine.h"
#include "serve/server.h"

namespace einet::cli {
namespace {

using std::chrono::microseconds;

struct Options {
  std::string bundle, directory, http, grpc, model = "net";
  std::vector<std::string> timeouts{"0.25T", "0.5T", "0.75T", "T", "1.5T", "none"};
  ModelOptions planning;
  ExecutorOptions executor;
  int sessions = 0;
  double load = 0.2, rate = 0.0;
  load::BenchmarkOptions benchmark;
  bool json = false;
};

std::vector<std::optional<Duration>> parse_timeouts(const std::vector<std::string>& texts) {
  std::vector<std::optional<Duration>> timeouts;
  for (const std::string& text : texts) {
    timeouts.push_back(text == "none" ? std::nullopt : std::optional(parse_positive_time(text == "T" ? "1T" : text)));
  }
  return timeouts;
}

std::vector<std::optional<microseconds>> in_microseconds(const std::vector<std::optional<Duration>>& timeouts,
                                                         Seconds horizon) {
  std::vector<std::optional<microseconds>> times;
  for (const std::optional<Duration>& timeout : timeouts) {
    times.emplace_back();
    if (!timeout) continue;
    const Seconds time = timeout->with_horizon(horizon.count());
    times.back() = std::max(microseconds(1), std::chrono::round<microseconds>(time));
  }
  return times;
}

/// "127.0.0.1:8080" -> host and port.
std::pair<std::string, std::uint16_t> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  if (colon != std::string::npos) {
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error == std::errc() && at == end && port > 0) return {text.substr(0, colon), port};
  }
  throw Error(ErrorKind::kUsage, text, "is not an address such as 127.0.0.1:8080");
}

/// The network with its last exit only.
bundle::Bundle single_exit(const bundle::Bundle& bundle) {
  plan::ExitPlan last(bundle.exits());
  last.insert(bundle.exits() - 1);
  return bundle::keep_exits(bundle, last);
}

load::Network network_of(std::string name, std::string served, bundle::Bundle bundle, const Options& o) {
  profile::CsProfile profile = bundle.measured_confidences();
  auto model = load_model(std::move(bundle), o.bundle, o.planning, o.executor);
  print_notes(model->notes());
  return {
      .name = std::move(name), .served = std::move(served), .model = std::move(model), .profile = std::move(profile)};
}

std::vector<load::Row> run_rows(const std::vector<load::Network>& networks, const load::Ports& ports,
                                const load::Images& images, const load::BenchmarkOptions& options) {
  ProgressLine progress;
  return load::benchmark(networks, ports, images, options, progress);
}

/// Serves the networks in this process, on free ports.
std::vector<load::Row> serve_and_load(const std::vector<load::Network>& networks, const std::vector<int>& processors,
                                      const load::Images& images, const load::BenchmarkOptions& options) {
  std::vector<std::pair<std::string, std::shared_ptr<const Model>>> models;
  for (const load::Network& network : networks) models.emplace_back(network.served, network.model);
  serve::Engine engine(models, {.processors = processors});
  const load::Ports loopback;
  serve::Server server(engine, serve::HttpOptions{.address = loopback.host, .port = 0, .version = EINET_VERSION},
                       serve::GrpcOptions{.address = loopback.host, .port = 0, .version = EINET_VERSION});
  return run_rows(networks, {.host = loopback.host, .rest = *server.http_port(), .grpc = *server.grpc_port()}, images,
                  options);
}

load::Ports running_server(const Options& o) {
  load::Ports ports;
  if (!o.http.empty()) std::tie(ports.host, ports.rest) = parse_address(o.http);
  if (!o.grpc.empty()) {
    const auto [host, port] = parse_address(o.grpc);
    if (!o.http.empty() && host != ports.host) {
      throw Error(ErrorKind::kUsage, "--http, --grpc", "are ports of one server, but name two hosts");
    }
    ports.host = host;
    ports.grpc = port;
  }
  return ports;
}

void run(Options o) {
  clean_up_when_interrupted();
  const bool started_here = o.http.empty() && o.grpc.empty();
  const load::Ports ports = running_server(o);
  const auto timeouts = parse_timeouts(o.timeouts);
  bundle::Bundle bundle = bundle::load_bundle(o.bundle);
  bundle.require_weights();
  const load::Images images = eval::held_out_images(bundle, o.directory, print_note);
  std::vector<int> processors;
  if (started_here) {
    processors = processors_for(o.sessions);
    if (o.sessions == 0 && processors.size() > 1) processors.pop_back();
  }
  std::vector<load::Network> networks;
  bundle::Bundle single = single_exit(bundle);
  networks.push_back(network_of("elastic", o.model, std::move(bundle), o));
  if (started_here) networks.push_back(network_of("single exit", "single", std::move(single), o));

  const Seconds horizon = networks.front().model->horizon();
  o.benchmark.timeouts = in_microseconds(timeouts, horizon);
  const double sessions = std::max(1.0, static_cast<double>(processors.size()));
  o.benchmark.rate = o.rate > 0 ? o.rate : o.load * sessions / horizon.count();
  LoadReport report{.bundle = o.bundle,
                    .horizon = horizon.count(),
                    .sessions = processors.size(),
                    .rate = o.benchmark.rate,
                    .networks = {},
                    .rows = started_here ? serve_and_load(networks, processors, images, o.benchmark)
                                         : run_rows(networks, ports, images, o.benchmark)};
  for (const load::Network& network : networks) report.networks.push_back(network.name);
  if (o.json) {
    print_json(to_json(report));
  } else {
    std::cout << to_table(report);
  }
}

/// CLI::Range accepts NaN.
CLI::Validator between(double least, double most) {
  return CLI::Validator(
      [least, most](std::string& text) {
        double value = 0.0;
        const bool valid = CLI::detail::lexical_cast(text, value) && value >= least && value <= most;
        return valid ? std::string() : "Value " + text + " not in range";
      },
      "");
}

}  // namespace

void add_server_bench(CLI::App& app) {
  CLI::App* bench = app.add_subcommand("bench", "Measure the speed of alternatives in one run");
  bench->require_subcommand(1);
  CLI::App* sub = bench->add_subcommand(
      "server", "Load a server with requests at random times, with and without exits, and compare with the simulation");
  auto o = std::make_shared<Options>();
  sub->add_option("bundle", o->bundle, "Bundle (name.einet) that names its dataset")->required();
  sub->add_option("--timeouts", o->timeouts, "Timeouts of the requests, such as 2ms, 0.5T (of the horizon) or none")
      ->delimiter(',');
  CLI::Option* load = sub->add_option("--load", o->load, "Requests per second and session, times the horizon")
                          ->check(between(0.001, 100.0));
  sub->add_option("--rate", o->rate, "Requests per second; default: by --load")
      ->check(between(0.001, 1e6))
      ->excludes(load)
      ->default_str("");
  sub->add_option_function<double>(
         "--seconds", [o](double seconds) { o->benchmark.duration = Seconds(seconds); },
         "Duration of the load for each line of the table")
      ->check(between(0.01, 86'400.0))
      ->default_str("5");
  sub->add_option("--rounds", o->benchmark.rounds, "Rounds, in each of which every line gets its share of the load")
      ->check(CLI::Range(1, 1000));
  sub->add_option("--seed", o->benchmark.seed, "Seed of images and arrivals");
  sub->add_option("--sessions", o->sessions,
                  "Sessions per model, each pinned to a processor of its own; 0 = one processor less than this process "
                  "may use, at least one")
      ->check(CLI::Range(0, 4096));
  CLI::Option* http =
      sub->add_option("--http", o->http, "Load a server that is already running, by REST at this address and port");
  CLI::Option* grpc = sub->add_option("--grpc", o->grpc, "The same by gRPC");
  sub->add_option("--model", o->model, "Name of the model at that server");
  add_distribution_option(*sub, o->planning.distribution);
  add_measure_option(*sub, o->planning.measure);
  add_precision_option(*sub, o->executor.precision);
  sub->add_flag("--no-tune", o->executor.no_tune,
                "With --measure, use the default implementations instead of finding the fastest ones");
  add_directory_option(*sub, o->directory);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o, sub, http, grpc] {
    if (sub->count("--model") > 0 && http->count() + grpc->count() == 0) {
      throw Error(ErrorKind::kUsage, "--model", "is for a server that is already running: add --http or --grpc");
    }
    run(*o);
  });
}

}  // namespace einet::cli
