#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "core/progress.h"
#include "exec/program.h"

namespace einet::cli {

/// How networks are to be run, as the commands that run them take it.
struct ExecutorOptions {
  int threads = 1;  ///< No more than available_processors().
  std::string precision = "f32";
  bool no_tune = false;

  /// Without a tuning. Throws kUsage.
  exec::CompileOptions compile_options() const;
  /// compile_options() with the implementations chosen for this machine, unless --no-tune.
  exec::CompileOptions tuned(const graph::Graph& graph, Progress& progress) const;
};

/// The requested threads, or as many as this process may use: then one line on stderr warns.
int available_threads(int requested);

/// Adds --precision.
CLI::Option* add_precision_option(CLI::App& command, std::string& precision);

/// Adds --threads, --precision and --no-tune. With several threads, and unless the environment sets how they wait, the
/// process starts itself again while it parses --threads, to let them wait passively.
void add_executor_options(CLI::App& command, ExecutorOptions& options);

}  // namespace einet::cli
