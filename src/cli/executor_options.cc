#include "cli/executor_options.h"

#include <iostream>

#include "core/processors.h"
#include "exec/tuning_cache.h"

namespace einet::cli {
int available_threads(int requested) {
  const int usable = usable_threads(requested);
  if (usable < requested) {
    std::cerr << "einet: --threads: " << requested << " requested, but this process may use " << usable << "; using "
              << usable << std::endl;
  }
  return usable;
}

exec::CompileOptions ExecutorOptions::compile_options() const {
  exec::CompileOptions options;
  options.precision = exec::parse_precision(precision);
  options.threads = threads;
  return options;
}

exec::CompileOptions ExecutorOptions::tuned(const graph::Graph& graph, Progress& progress) const {
  exec::CompileOptions options = compile_options();
  if (!no_tune) options.tuning = exec::cached_tuning(graph, options, exec::cache_directory(), progress);
  return options;
}

CLI::Option* add_lanes_option(CLI::App& command, int& lanes) {
  return command
      .add_option("--lanes", lanes,
                  "2: run branches on a second thread while the trunk continues, and plan for that; default: 1")
      ->check(CLI::Range(1, 2));
}

CLI::Option* add_precision_option(CLI::App& command, std::string& precision) {
  return command.add_option("--precision", precision, "f32, or bf16 if the processor supports it; outputs are float32")
      ->check(CLI::IsMember({"f32", "bf16"}));
}

void add_executor_options(CLI::App& command, ExecutorOptions& options) {
  const auto set_threads = [&options](int requested) { options.threads = available_threads(requested); };
  command
      .add_option_function<int>("--threads", set_threads,
                                "Threads per network, at most the number of processors that this process may use (1); "
                                "several threads wait passively")
      ->check(CLI::Range(1, 1024));
  add_precision_option(command, options.precision);
  command.add_flag("--no-tune", options.no_tune,
                   "Use the default implementations instead of finding the fastest ones for this machine");
}

}  // namespace einet::cli
