#include "measure/executor_benchmark.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "einet/error.h"
#include "exec/heap_calls.h"
#include "graph/cost.h"
#include "measure/block_overhead.h"
#include "measure/peak.h"
#include "measure/timed_run.h"

namespace einet::measure {
namespace {

// Stops runs at given moments, from a separate thread that is ready before the run begins. Runs are numbered by stops.
class Stopper {
 public:
  Stopper() : thread_([this] { work(); }) {}
  ~Stopper() {
    quit_ = true;
    thread_.join();
  }

  /// The signal of the run that the next stop ends.
  exec::StopSignal signal() const { return {stopped_, stops_}; }
  void stop_at(Clock::time_point when) {
    when_ = when;
    ++stops_;
    armed_ = true;
  }
  /// Waits for the stop; returns its time.
  Clock::time_point stopped_at() const {
    while (armed_) std::this_thread::yield();
    return stopped_at_;
  }

 private:
  void work() {
    while (!quit_) {
      if (!armed_) {
        std::this_thread::sleep_for(std::chrono::microseconds(20));
        continue;
      }
      std::this_thread::sleep_until(when_);
      stopped_at_ = Clock::now();
      stopped_ = stops_;
      armed_ = false;
    }
  }

  std::atomic<std::uint64_t> stopped_{0};
  std::atomic<bool> armed_{false}, quit_{false};
  std::uint64_t stops_ = 0;  // Published by armed_, as are:
  Clock::time_point when_, stopped_at_;
  std::thread thread_;
};

// Seconds from the stop, at a random moment of a run, until that run returns.
std::vector<double> stop_latencies(const exec::Program& program, exec::Execution& execution,
                                   const std::vector<float>& input, double run_seconds, int stops) {
  constexpr std::chrono::microseconds kWakeUp{200};  // Time for the stopper to wake up; runs are repeated meanwhile.
  std::vector<double> latencies;
  Stopper stopper;
  std::mt19937 random(1);
  std::uniform_real_distribution<double> moment(0.0, run_seconds);
  for (int stop = 0; stop < stops; ++stop) {
    stopper.stop_at(Clock::now() + std::chrono::duration_cast<Clock::duration>(kWakeUp + Seconds(moment(random))));
    for (bool running = true; running;) {
      execution.set_input(input);
      for (int i = 0; i < program.exits() && running; ++i) {
        running = execution.run_conv_part(i, stopper.signal()) == exec::PartEnd::kDone &&
                  execution.run_branch(i, stopper.signal()) == exec::PartEnd::kDone;
      }
    }
    const auto returned = Clock::now();
    latencies.push_back(Seconds(returned - stopper.stopped_at()).count());
  }
  return latencies;
}

}  // namespace

ExecutorBenchmark benchmark_executor(const graph::Graph& graph, const exec::CompileOptions& compile_options,
                                     const exec::Program& program, const ExecutorBenchmarkOptions& options,
                                     Progress& progress) {
  if (options.min_samples < 1 || options.max_samples < options.min_samples) {
    throw Error(ErrorKind::kUsage, "bench executor", "needs at least one sample, and no more than max_samples");
  }
  const auto execution = program.new_execution();
  const std::vector<float> input = noise(program.input_size());
  const double overhead = clock_overhead();
  const int parts = 2 * program.exits();

  std::vector<double> run(parts);
  const auto warm_up_end = Clock::now() + options.warm_up;
  for (int i = 0; i < 3 || Clock::now() < warm_up_end; ++i) timed_run(program, *execution, input, overhead, run);

  // First the network alone, as an application runs it: anything in between evicts its weights from the caches.
  constexpr double kAlone = 0.6;  // Share of the budget.
  ExecutorBenchmark result;
  std::vector<double> times, totals;
  for (auto* list : {&times, &totals}) list->reserve(static_cast<std::size_t>(options.max_samples));
  std::int64_t heap_calls = 0;
  const auto begin = Clock::now();
  for (double spent = 0.0; result.samples < options.max_samples &&
                           (result.samples < options.min_samples || spent < kAlone * options.budget.count());
       ++result.samples) {
    const std::int64_t heap_before = exec::heap_calls().value_or(0);
    timed_run(program, *execution, input, overhead, run);
    totals.push_back(whole_run(program, *execution, input));
    heap_calls += exec::heap_calls().value_or(0) - heap_before;
    times.insert(times.end(), run.begin(), run.end());
    const double now = Seconds(Clock::now() - begin).count();
    if (static_cast<int>(now * 10) != static_cast<int>(spent * 10)) {
      const double expected =
          std::max<double>(options.min_samples, kAlone * options.budget.count() / now * totals.size());
      progress.update("running", static_cast<std::int64_t>(totals.size()), static_cast<std::int64_t>(expected), "");
    }
    spent = now;
  }
  progress.update("running", result.samples, result.samples, "");

  const BlockOverhead blocks = measure_block_overhead(graph, compile_options, input, (1 - kAlone) * options.budget);

  const auto costs = graph::block_costs(graph, program.blocks());
  const std::vector<profile::TimeStat> stats = profile::summarize_runs(times, parts);
  for (int i = 0; i < program.exits(); ++i) {
    result.conv.push_back({stats[2 * i], costs[i].conv_macs * program.batch()});
    result.branch.push_back({stats[2 * i + 1], costs[i].branch_macs * program.batch()});
    result.total.macs += result.conv.back().macs + result.branch.back().macs;
  }
  result.fastest_seconds = *std::min_element(totals.begin(), totals.end());
  result.total.time = profile::summarize_runs(totals);
  result.block_overhead = blocks.ratio - 1.0;
  result.one_block_seconds = blocks.one_block_seconds;
  result.peak_flops = peak_flops();
  result.arena_bytes = program.arena_bytes();
  if (exec::heap_calls()) result.heap_calls = heap_calls;
  if (options.stops > 0) {
    result.stop =
        profile::summarize_runs(stop_latencies(program, *execution, input, result.total.time.p50, options.stops));
  }
  return result;
}

}  // namespace einet::measure
