#pragma once

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <string>

namespace einet::cli {

/// Parses a command line with these commands (command.h), which runs the command, and prints an error as one line on
/// standard error. Returns the exit status: 0, 1 for a failure, 2 for wrong usage.
int run_program(const std::string& description, std::initializer_list<void (*)(CLI::App&)> commands, int argc,
                char** argv);

}  // namespace einet::cli
