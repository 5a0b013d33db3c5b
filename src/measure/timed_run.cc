#include "measure/timed_run.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <system_error>

#include "einet/time.h"
#include "exec/scores.h"

namespace einet::measure {

std::vector<float> noise(std::int64_t size) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  std::generate(values.begin(), values.end(), [&] { return normal(random); });
  return values;
}

double clock_overhead() {
  constexpr int kReadings = 1001;
  std::vector<double> differences(kReadings);
  for (double& difference : differences) {
    const auto first = Clock::now();
    const auto second = Clock::now();
    difference = Seconds(second - first).count();
  }
  std::nth_element(differences.begin(), differences.begin() + kReadings / 2, differences.end());
  return differences[kReadings / 2];
}

double whole_run(const exec::Program& program, exec::Execution& execution, std::span<const float> input) {
  const auto begin = Clock::now();
  execution.set_input(input);
  for (int i = 0; i < program.exits(); ++i) {
    exec::require_done(execution.run_conv_part(i, exec::kNeverStop));
    exec::require_done(execution.run_branch(i, exec::kNeverStop));
  }
  return Seconds(Clock::now() - begin).count();
}

void timed_run(const exec::Program& program, exec::Execution& execution, std::span<const float> input, double overhead,
               std::span<double> times) {
  auto last = Clock::now();
  execution.set_input(input);
  for (std::size_t part = 0; part < times.size(); ++part) {
    const int exit = static_cast<int>(part / 2);
    if (part % 2 == 0) {
      exec::require_done(execution.run_conv_part(exit, exec::kNeverStop));
    } else {
      exec::require_done(execution.run_branch(exit, exec::kNeverStop));
      exec::top_one(execution.output(exit), program.blocks()[exit].head);
    }
    const auto now = Clock::now();
    times[part] = std::max(0.0, Seconds(now - last).count() - overhead);
    last = now;
  }
}

double seconds_waited() {
  // The file of each thread: nanoseconds on a processor, nanoseconds ready but waiting for one, time slices.
  double sum = 0.0;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/task", error), end; !error && at != end;
       at.increment(error)) {
    std::ifstream file(at->path() / "schedstat");
    double running = 0, waiting = 0;
    if (file >> running >> waiting) sum += 1e-9 * waiting;
  }
  return sum;
}

}  // namespace einet::measure
