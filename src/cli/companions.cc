// The commands that other programs run.

#include "cli/command.h"
#include "cli/companion.h"

namespace einet::cli {
namespace {

void add_command_of(const Companion& companion, CLI::App& app, const std::string& name, const std::string& help) {
  CLI::App* sub = app.add_subcommand(name, companion.exists() ? help : help + " (not in this build)");
  sub->set_help_flag();
  sub->prefix_command();  // The other program parses all arguments.
  sub->callback([&companion, sub, name] { companion.run(name, sub->remaining()); });
}

}  // namespace

void add_train(CLI::App& app) { add_command_of(training(), app, "train", "Train the exits of a multi-exit network"); }
void add_predictor(CLI::App& app) {
  add_command_of(training(), app, "predictor", "Commands for the CS-Predictor of a bundle");
}

void add_serve(CLI::App& app) {
  add_command_of(server(), app, "serve", "Answer requests by the Open Inference Protocol, over HTTP and gRPC");
}

}  // namespace einet::cli
