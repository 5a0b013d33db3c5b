#include "reproduce/block_runs.h"

#include <algorithm>

#include "measure/timed_run.h"

namespace einet::reproduce {

std::vector<double> BlockRuns::of(int part) const {
  std::vector<double> values;
  for (std::size_t k = part; k < times.size(); k += parts) values.push_back(times[k]);
  return values;
}

BlockRuns time_blocks(const exec::Program& program, const std::function<void(int, std::span<float>)>& input, int inputs,
                      Seconds budget, Progress& progress) {
  constexpr int kFewest = 100, kWarmUp = 20, kReportEvery = 100;
  const auto execution = program.new_execution();
  const double overhead = measure::clock_overhead();
  BlockRuns result;
  result.parts = 2 * program.exits();
  std::vector<float> values(program.input_size());
  std::vector<double> run(result.parts);
  input(0, values);
  for (int i = 0; i < kWarmUp; ++i) measure::timed_run(program, *execution, values, overhead, run);
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(budget);
  for (int i = 0; i < inputs && (i < kFewest || Clock::now() < end); ++i) {
    input(i, values);
    measure::timed_run(program, *execution, values, overhead, run);
    result.times.insert(result.times.end(), run.begin(), run.end());
    if (i % kReportEvery == 0) progress.update("timing", i, inputs, "");
  }
  return result;
}

}  // namespace einet::reproduce
