#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/interruption.h"
#include "cli/program.h"
#include "core/processors.h"

namespace {

/// Whether the executor runs on more than one thread. Training has its own threads, with the default of libtorch.
bool asks_for_threads(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "train") return false;
  constexpr std::string_view kOption = "--threads";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const char* value = nullptr;
    if (argument == kOption && i + 1 < argc) value = argv[i + 1];
    if (argument.starts_with(kOption) && argument.substr(kOption.size()).starts_with('=')) {
      value = argv[i] + kOption.size() + 1;
    }
    if (value != nullptr && einet::usable_threads(std::atoi(value)) > 1) return true;
  }
  return false;
}

/// Restarts the process with OMP_WAIT_POLICY=passive unless the environment sets how OpenMP's threads wait: libgomp
/// reads the variable before main(), and by default its threads spin. With another process on the same core, spinning
/// threads took 176 ms for 2 ms of work.
void let_threads_sleep(char** argv) {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
  if (setenv("OMP_WAIT_POLICY", "passive", 0) != 0) return;
  execv("/proc/self/exe", argv);  // Returns only on failure; then threads spin.
}

}  // namespace

int main(int argc, char** argv) {
  if (asks_for_threads(argc, argv)) let_threads_sleep(argv);
  einet::cli::clean_up_when_interrupted();
  signal(SIGXFSZ, SIG_IGN);  // A write beyond the file size limit then fails like one to a full disk.
  using namespace einet::cli;
  return run_program(
      "Elastic inference: neural networks that have an answer whenever they are cut off.",
      {add_data, add_model, add_train, add_profile, add_quantize, add_predictor, add_bundle, add_plan, add_run,
       add_answer, add_serve, add_worker, add_eval, add_compare, add_demo, add_reproduce, add_bench},
      argc, argv);
}
