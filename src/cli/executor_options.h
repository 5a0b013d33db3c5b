#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "core/progress.h"
#include "exec/program.h"

namespace einet::cli {

/// The options of commands that run networks.
struct ExecutorOptions {
  int threads = 1;  ///< No more than available_processors().
  std::string precision = "f32";
  bool no_tune = false;

  /// Without a tuning. Throws kUsage.
  exec::CompileOptions compile_options() const;
  /// compile_options() with the implementations chosen for this machine, unless --no-tune.
  exec::CompileOptions tuned(const graph::Graph& graph, Progress& progress) const;
};

/// The requested threads, or fewer, with a warning on stderr, if this process may not use that many.
int available_threads(int requested);

/// Adds --lanes, 1 or 2. With two, other options that exclude them are checked by the library.
CLI::Option* add_lanes_option(CLI::App& command, int& lanes);

/// Adds --precision.
CLI::Option* add_precision_option(CLI::App& command, std::string& precision);

/// Adds --threads, --precision and --no-tune. (main() has restarted the process with passively waiting threads if it
/// uses several, unless the environment sets how they wait.)
void add_executor_options(CLI::App& command, ExecutorOptions& options);

}  // namespace einet::cli
