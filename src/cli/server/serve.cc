#include "cli/server/serve.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "bundle/bundle.h"
#include "cli/server/models.h"
#include "einet/error.h"
#include "serve/engine.h"
#include "serve/log.h"
#include "serve/server.h"

namespace einet::cli {
namespace {

using serve::log_event;

struct NamedBundle {
  std::string name;
  std::filesystem::path path;
};

NamedBundle parse_bundle(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  // A path may contain '=', but the name of a model no '/'.
  if (equals != std::string::npos && argument.find('/') > equals) {
    if (equals == 0) throw Error(ErrorKind::kUsage, argument, "has no name before the '='");
    return {argument.substr(0, equals), argument.substr(equals + 1)};
  }
  std::filesystem::path path = argument;
  if (!path.has_filename()) path = path.parent_path();  // A slash at the end.
  return {path.stem().string(), path};
}

std::shared_ptr<const Model> load(const NamedBundle& named, const SessionSetup& setup) {
  auto model = load_model(bundle::load_bundle(named.path), named.path, setup.model, setup.executor);
  log_event("loaded", {{"model", named.name},
                       {"bundle", named.path.string()},
                       {"exits", model->exits()},
                       {"horizon_us", model->horizon().count() * 1e6},
                       {"notes", model->notes()}});
  return model;
}

sigset_t end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

/// Returns the name of the signal. A second one ends the process at once.
const char* wait_for_end() {
  const sigset_t signals = end_signals();
  int number = 0;
  while (sigwait(&signals, &number) != 0) {
  }
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  return number == SIGTERM ? "SIGTERM" : "SIGINT";
}

/// Connections need more than the usual limit of 1024.
void allow_many_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);  // If this fails, there are fewer connections.
}

}  // namespace

void serve(const ServeOptions& options) {
  allow_many_files();
  const std::vector<int> processors = processors_for(options.sessions);
  std::vector<std::pair<std::string, std::shared_ptr<const Model>>> models;
  for (const std::string& argument : options.bundles) {
    const NamedBundle named = parse_bundle(argument);
    models.emplace_back(named.name, load(named, options.setup));
  }
  serve::Engine engine(models, {.processors = processors,
                                .queue = options.queue,
                                .publish = options.setup.publish,
                                .log_requests = options.log_requests});
  std::optional<serve::HttpOptions> http;
  std::optional<serve::GrpcOptions> grpc;
  if (!options.no_http) {
    http = serve::HttpOptions{.address = options.address,
                              .port = options.http,
                              .connections = options.connections,
                              .idle = std::chrono::seconds(options.idle_seconds),
                              .request = std::chrono::seconds(options.request_seconds),
                              .version = EINET_VERSION};
  }
  if (!options.no_grpc) {
    grpc = serve::GrpcOptions{.address = options.address, .port = options.grpc, .version = EINET_VERSION};
  }
  serve::Server server(engine, http, grpc);
  nlohmann::json ports{{"address", options.address}, {"sessions", processors.size()}};
  if (const auto port = server.http_port()) ports["http"] = *port;
  if (const auto port = server.grpc_port()) ports["grpc"] = *port;
  log_event("listening", ports);
  const char* const signal = wait_for_end();
  if (options.grace_seconds > 0) {
    log_event("ending", {{"signal", signal}, {"grace_seconds", options.grace_seconds}});
    server.announce_end();
    std::this_thread::sleep_for(std::chrono::seconds(options.grace_seconds));
  }
  log_event("draining", {{"signal", signal}});
  server.drain(std::chrono::seconds(options.drain_seconds));
  log_event("stopped", nlohmann::json::object());
}

}  // namespace einet::cli
