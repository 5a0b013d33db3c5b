#pragma once

#include <CLI/CLI.hpp>

namespace einet::cli {

void add_bench_planner(CLI::App& bench);
void add_bench_executor(CLI::App& bench);
void add_bench_answer(CLI::App& bench);
/// Starts einet-server.
void add_bench_server(CLI::App& bench);

}  // namespace einet::cli
