#include "cli/bench/bench.h"

#include "cli/command.h"

namespace einet::cli {

void add_bench(CLI::App& app) {
  CLI::App* bench = app.add_subcommand("bench", "Measure the speed of alternatives in one run");
  bench->require_subcommand(1);
  add_bench_planner(*bench);
  add_bench_executor(*bench);
  add_bench_answer(*bench);
  add_bench_server(*bench);
}

}  // namespace einet::cli
