#include "cli/executor_options.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "core/processors.h"
#include "exec/tuning_cache.h"

namespace einet::cli {
namespace {

// OpenMP reads how its threads wait before main() begins, and its default is to spin: beside another process on the
// same core that was measured at 176 ms for what takes 2 ms. So where the environment does not set it, the process sets
// it and starts itself again. Call it before anything is printed or computed.
void wait_passively() {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string line{std::istreambuf_iterator<char>(file), {}};
  std::vector<char*> arguments;
  for (std::size_t at = 0; at < line.size(); at = line.find('\0', at) + 1) arguments.push_back(line.data() + at);
  if (arguments.empty()) return;
  arguments.push_back(nullptr);
  if (setenv("OMP_WAIT_POLICY", "passive", 0) != 0) return;
  execv("/proc/self/exe", arguments.data());  // Only returns when it fails; then threads spin.
}

}  // namespace

int available_threads(int requested) {
  const int usable = usable_threads(requested);
  if (usable < requested) {
    std::cerr << "einet: --threads: " << requested << " requested, this process may use " << usable << "; using "
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

CLI::Option* add_precision_option(CLI::App& command, std::string& precision) {
  return command.add_option("--precision", precision, "f32, or bf16 where the processor has it; outputs are float32")
      ->check(CLI::IsMember({"f32", "bf16"}));
}

void add_executor_options(CLI::App& command, ExecutorOptions& options) {
  const auto set_threads = [&options](int requested) {
    if (usable_threads(requested) > 1) wait_passively();
    options.threads = available_threads(requested);
  };
  command
      .add_option_function<int>("--threads", set_threads,
                                "Threads for one network, no more than the processors that this process may use (1); "
                                "more than one wait passively")
      ->check(CLI::Range(1, 1024));
  add_precision_option(command, options.precision);
  command.add_flag("--no-tune", options.no_tune, "Start at once: default implementations instead of the fastest here");
}

}  // namespace einet::cli
