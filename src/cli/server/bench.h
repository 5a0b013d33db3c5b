#pragma once

#include <CLI/CLI.hpp>

namespace einet::cli {

/// Adds `bench server`.
void add_server_bench(CLI::App& app);

}  // namespace einet::cli
