#include "cli/server/options.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/planning_options.h"
#include "cli/server/serve.h"
#include "cli/timing_options.h"

namespace einet::cli {
namespace {

void add_options(CLI::App& command, ServeOptions& options) {
  command
      .add_option("bundles", options.bundles,
                  "Bundles (name.einet), served as models of the same name, or of another: NAME=BUNDLE")
      ->required();
  command.add_option("--http", options.http, "Port of REST, metrics and the web page; 0 = any free one");
  command.add_option("--grpc", options.grpc, "Port of gRPC; 0 = any free one");
  command.add_flag("--no-http", options.no_http, "Do not serve HTTP");
  command.add_flag("--no-grpc", options.no_grpc, "Do not serve gRPC")->excludes("--no-http");
  command.add_option("--address", options.address, "Address to listen on, such as 127.0.0.1 or ::");
  command
      .add_option("--sessions", options.sessions,
                  "Sessions per model, each pinned to a processor of its own; 0 = one for each processor that this "
                  "process may use")
      ->check(CLI::Range(0, 4096));
  command.add_option("--queue", options.queue, "Requests that may wait for a session; more are rejected")
      ->check(CLI::Range(0, 4096));
  command
      .add_option("--connections", options.connections,
                  "Open HTTP connections; one more closes the one that has waited longest")
      ->check(CLI::Range(1, 100'000));
  command.add_option("--idle", options.idle_seconds, "Seconds that an HTTP connection may wait for its next request")
      ->check(CLI::Range(1, 86'400));
  command.add_option("--receive", options.request_seconds, "Seconds that an HTTP client may take to send a request")
      ->check(CLI::Range(1, 3600));
  command
      .add_option("--grace", options.grace_seconds,
                  "Seconds after SIGTERM in which requests are still accepted although the server is not ready: longer "
                  "than a load balancer takes to notice")
      ->check(CLI::Range(0, 3600));
  command
      .add_option("--drain", options.drain_seconds,
                  "Seconds that clients may take to receive their replies after SIGTERM")
      ->check(CLI::Range(0, 3600));
  command.add_flag("--log-requests", options.log_requests, "Log every request");
  add_publish_option(command, options.setup);
  add_distribution_option(command, options.setup.model.distribution);
  add_measure_option(command, options.setup.model.measure);
  add_precision_option(command, options.setup.executor.precision);
  command.add_flag("--no-tune", options.setup.executor.no_tune,
                   "With --measure, use the default implementations instead of finding the fastest ones");
}

}  // namespace

void add_serve(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("serve", "Answer requests by the Open Inference Protocol, over HTTP and gRPC");
  auto o = std::make_shared<ServeOptions>();
  add_options(*sub, *o);
  sub->callback([o] { serve(*o); });
}

}  // namespace einet::cli
