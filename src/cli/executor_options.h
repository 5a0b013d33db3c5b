#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "einet/core/progress.h"
#include "einet/exec/program.h"

namespace einet::cli {

/// How networks are to be run, as the commands that run them take it.
struct ExecutorOptions {
  int threads = 1;
  std::string precision = "f32";
  bool no_tune = false;

  /// Without a tuning. With several threads, and unless the environment says how they should wait, the process starts
  /// itself again to let them wait passively. Throws kUsage.
  exec::CompileOptions compile_options() const;
  /// compile_options() with the implementations chosen for this machine, unless --no-tune.
  exec::CompileOptions tuned(const graph::Graph& graph, Progress& progress) const;
};

/// Adds --precision.
CLI::Option* add_precision_option(CLI::App& command, std::string& precision);

/// Adds --threads, --precision and --no-tune.
void add_executor_options(CLI::App& command, ExecutorOptions& options);

}  // namespace einet::cli
