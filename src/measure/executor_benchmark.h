#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/progress.h"
#include "einet/time.h"
#include "exec/program.h"
#include "graph/graph.h"
#include "profile/statistics.h"

namespace einet::measure {

struct ExecutorBenchmarkOptions {
  Seconds warm_up{0.2};
  Seconds budget{2.0};   ///< For the timed runs and for alternating runs with the network in one piece.
  int min_samples = 20;  ///< Complete runs, regardless of the budget…
  int max_samples = 20000;
  int stops = 100;  ///< Runs that are stopped at a random moment, to measure how soon they return; 0 = none.
};

/// The time and work of one part of a network.
struct PartTime {
  profile::TimeStat time;
  std::int64_t macs = 0;  ///< Of the whole batch.

  /// Operations per second for a run of `seconds`; two per multiply-accumulate.
  double flops(double seconds) const { return seconds > 0 ? 2.0 * static_cast<double>(macs) / seconds : 0; }
};

struct ExecutorBenchmark {
  std::int64_t samples = 0;
  std::vector<PartTime> conv, branch;  ///< One per exit; branches up to label and confidence.
  PartTime total;                      ///< Whole runs, every part executed.
  double fastest_seconds = 0;          ///< The fastest run: the time on an undisturbed machine.
  double one_block_seconds = 0;        ///< Median run of the network compiled without blocks.
  /// (Time in blocks / time in one block) - 1, median over fresh compilations of both: the cost of being able to stop
  /// at every exit.
  double block_overhead = 0;
  double peak_flops = 0;  ///< Measured peak of one core, f32.
  std::int64_t arena_bytes = 0;
  /// Heap calls of the timed runs; empty if the program does not count them (see exec::heap_calls()).
  std::optional<std::int64_t> heap_calls;
  profile::TimeStat stop;  ///< From setting the flag, at a random moment of a run, until that run returns.

  /// Share of the measured peak that a run of `seconds` reaches.
  double share_of_peak(double seconds) const { return total.flops(seconds) / peak_flops; }
};

/// Runs `program` (compiled from `graph` with `options`) on noise, first alone and then alternating with the same
/// network compiled as one block. Throws kUsage if the options ask for no samples, and what compile() throws.
ExecutorBenchmark benchmark_executor(const graph::Graph& graph, const exec::CompileOptions& compile_options,
                                     const exec::Program& program, const ExecutorBenchmarkOptions& options = {},
                                     Progress& progress = Progress::none());

}  // namespace einet::measure
