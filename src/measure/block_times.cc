#include "measure/block_times.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "core/utc_time.h"
#include "einet/error.h"
#include "measure/timed_run.h"

namespace einet::measure {

profile::EtProfile measure_times(const std::shared_ptr<const exec::Program>& program, const EtOptions& options,
                                 Progress& progress) {
  if (options.min_samples < 1 || options.max_samples < options.min_samples) {
    throw Error(ErrorKind::kUsage, "profile", "needs at least one sample, and no more than max_samples");
  }
  const std::vector<float> input = noise(program->input_size());
  const auto execution = program->new_execution();
  const double overhead = clock_overhead();
  const int parts = 2 * program->exits();

  std::vector<double> run(parts);
  const auto warm_up_end = Clock::now() + options.warm_up;
  for (int i = 0; i < 3 || Clock::now() < warm_up_end; ++i) timed_run(*program, *execution, input, overhead, run);

  std::vector<double> times;
  const double waited_before = seconds_waited();
  const auto begin = Clock::now();
  int samples = 0;
  for (double spent = 0.0;
       samples < options.max_samples && (samples < options.min_samples || spent < options.budget.count()); ++samples) {
    timed_run(*program, *execution, input, overhead, run);
    times.insert(times.end(), run.begin(), run.end());
    const double now = Seconds(Clock::now() - begin).count();
    // Progress is reported between runs, ten times a second, so that it is not part of any measured time.
    if (static_cast<int>(now * 10) != static_cast<int>(spent * 10)) {
      const double expected = std::max(double(options.min_samples), options.budget.count() / now * (samples + 1));
      progress.update("timing", samples + 1, static_cast<std::int64_t>(expected), "");
    }
    spent = now;
  }
  const double elapsed = Seconds(Clock::now() - begin).count();
  const double waited = seconds_waited() - waited_before;
  progress.update("timing", samples, samples, "");

  profile::EtProfile profile;
  profile.date = iso_time(std::chrono::system_clock::now());
  profile.version = EINET_VERSION;
  profile.platform = exec::this_platform(program->threads(), program->precision());
  profile.tuning = program->tuning();
  profile.samples = samples;
  const std::vector<profile::TimeStat> stats = profile::summarize_runs(times, parts);
  for (int i = 0; i < program->exits(); ++i) {
    profile.conv.push_back(stats[2 * i]);
    profile.branch.push_back(stats[2 * i + 1]);
  }
  profile::TimingQuality quality;
  quality.total = profile::summarize_runs(profile::run_totals(times, parts));
  const double sum_of_medians = profile.run_seconds();
  quality.excess = sum_of_medians > 0 ? quality.total.p50 / sum_of_medians : 1.0;
  quality.waiting = std::clamp(waited / (elapsed * program->threads()), 0.0, 1.0);
  profile.quality = quality;
  return profile;
}

}  // namespace einet::measure
