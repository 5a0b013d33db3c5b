// The commands that other programs run.

#include "cli/bench/bench.h"
#include "cli/command.h"
#include "cli/companion.h"

namespace einet::cli {
namespace {

/// `command` are its words below `einet`; its last one is added to `app`.
void add_command_of(const Companion& companion, CLI::App& app, const std::vector<std::string>& command,
                    const std::string& help) {
  CLI::App* sub = app.add_subcommand(command.back(), companion.exists() ? help : help + " (not in this build)");
  sub->set_help_flag();
  sub->prefix_command();  // The other program parses all arguments.
  sub->callback([&companion, sub, command] { companion.run(command, sub->remaining()); });
}

}  // namespace

void add_train(CLI::App& app) { add_command_of(training(), app, {"train"}, "Train the exits of a multi-exit network"); }
void add_predictor(CLI::App& app) {
  add_command_of(training(), app, {"predictor"}, "Commands for the CS-Predictor of a bundle");
}

void add_serve(CLI::App& app) {
  add_command_of(server(), app, {"serve"}, "Answer requests by the Open Inference Protocol, over HTTP and gRPC");
}

void add_bench_server(CLI::App& bench) {
  add_command_of(
      server(), bench, {"bench", "server"},
      "Load a server with requests at random times, with and without exits, and compare with the simulation");
}

}  // namespace einet::cli
