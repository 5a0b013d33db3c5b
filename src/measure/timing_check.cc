#include "measure/timing_check.h"

#include <algorithm>
#include <vector>

#include "einet/time.h"
#include "measure/timed_run.h"

namespace einet::measure {

TimingCheck check_timing(const exec::Program& program, const profile::EtProfile& profile) {
  constexpr Seconds kShort{0.02}, kLong{0.2};
  constexpr std::size_t kFewestRuns = 3;
  const std::vector<float> input = noise(program.input_size());
  const auto execution = program.new_execution();
  const double overhead = clock_overhead();
  std::vector<double> run(2 * program.exits());
  timed_run(program, *execution, input, overhead, run);  // Touches the memory for the first time.

  TimingCheck check{.stored = profile.run_seconds()};
  for (const Seconds budget : {kShort, kLong}) {
    std::vector<double> totals;
    const double waited_before = seconds_waited();
    const auto begin = Clock::now();
    while (totals.size() < kFewestRuns || Clock::now() - begin < budget) {
      timed_run(program, *execution, input, overhead, run);
      totals.push_back(profile::run_totals(run, static_cast<int>(run.size())).front());
    }
    const double elapsed = Seconds(Clock::now() - begin).count();
    check.waiting = (seconds_waited() - waited_before) / (elapsed * program.threads());
    check.fastest = *std::min_element(totals.begin(), totals.end());
    check.median = profile::median(std::move(totals));
    if (check.agrees()) break;
  }
  return check;
}

}  // namespace einet::measure
