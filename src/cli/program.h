#pragma once

#include <CLI/CLI.hpp>

namespace einet::cli {

/// Parses the command line, which runs the command, and prints an error as one line on standard error. Returns the exit
/// status: 0, 1 for a failure, 2 for wrong usage.
int run_program(CLI::App& app, int argc, char** argv);

}  // namespace einet::cli
