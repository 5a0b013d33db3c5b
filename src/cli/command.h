#pragma once

#include <CLI/CLI.hpp>

/// The command line: each function adds one command of `einet`, which parses, calls the modules below and prints,
/// without logic of its own. Commands throw einet::Error; main() converts it to one line and an exit status.
namespace einet::cli {

void add_bundle(CLI::App& app);
void add_data(CLI::App& app);
void add_model(CLI::App& app);
void add_profile(CLI::App& app);
void add_quantize(CLI::App& app);
void add_plan(CLI::App& app);
void add_answer(CLI::App& app);
void add_run(CLI::App& app);
void add_worker(CLI::App& app);
void add_eval(CLI::App& app);
void add_compare(CLI::App& app);
void add_demo(CLI::App& app);
void add_reproduce(CLI::App& app);
void add_bench(CLI::App& app);

/// In einet-train, the commands; in einet, commands that start einet-train.
void add_train(CLI::App& app);
void add_predictor(CLI::App& app);
/// In einet-server, the command; in einet, a command that starts einet-server.
void add_serve(CLI::App& app);

}  // namespace einet::cli
