#include "einet/profile/et_profile.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <string>

#include "einet/core/error.h"
#include "timed_run.h"

namespace einet::profile {
namespace {

void check_times(const std::vector<double>& times, const std::string& name, const std::string& field) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (std::isfinite(times[i]) && times[i] >= 0.0) continue;
    throw Error(ErrorKind::kInvalidData, name,
                "time " + field + "[" + std::to_string(i) + "] is " + std::to_string(times[i]));
  }
}

void check_stats(const std::vector<TimeStat>& stats, const std::string& name, const std::string& field) {
  for (std::size_t i = 0; i < stats.size(); ++i) {
    const TimeStat& stat = stats[i];
    check_times({stat.mean, stat.p10, stat.p50, stat.p90, stat.p99}, name, field + "[" + std::to_string(i) + "]");
  }
}

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace

std::string TimingQuality::text() const {
  char line[96];
  std::snprintf(line, sizeof line, "p90/p10 = %.1f, waited %.0f %% of the time", total.spread(), 100 * waiting);
  return line;
}

plan::BlockTimes EtProfile::times() const {
  plan::BlockTimes times;
  for (const TimeStat& stat : conv) times.conv.push_back(stat.p50);
  for (const TimeStat& stat : branch) times.branch.push_back(stat.p50);
  times.planning = planning;
  return times;
}

double EtProfile::run_seconds() const {
  if (quality) return quality->total.p50;
  double sum = 0.0;
  for (const auto* stats : {&conv, &branch}) {
    for (const TimeStat& stat : *stats) sum += stat.p50;
  }
  return sum;
}

void EtProfile::validate(const std::string& name) const {
  if (conv.empty()) throw Error(ErrorKind::kInvalidData, name, "times no exit");
  if (conv.size() > plan::kMaxExits) {
    throw Error(ErrorKind::kInvalidData, name, "times more than " + std::to_string(plan::kMaxExits) + " exits");
  }
  if (branch.size() != conv.size()) {
    throw Error(
        ErrorKind::kInvalidData, name,
        "times " + std::to_string(conv.size()) + " conv parts but " + std::to_string(branch.size()) + " branches");
  }
  if (!planning.empty() && planning.size() != conv.size()) {
    throw Error(
        ErrorKind::kInvalidData, name,
        "has " + std::to_string(planning.size()) + " planning times for " + std::to_string(conv.size()) + " exits");
  }
  check_stats(conv, name, "conv");
  check_stats(branch, name, "branch");
  check_times(planning, name, "planning");
  if (quality) {
    check_stats({quality->total}, name, "quality.total");
    check_times({quality->excess, quality->waiting}, name, "quality");
  }
}

EtProfile measure_times(const std::shared_ptr<const exec::Program>& program, const EtOptions& options,
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
    // A report in the middle of a run would be measured; ten a second, between runs, are not.
    if (static_cast<int>(now * 10) != static_cast<int>(spent * 10)) {
      const double expected = std::max(double(options.min_samples), options.budget.count() / now * (samples + 1));
      progress.update("timing", samples + 1, static_cast<std::int64_t>(expected), "");
    }
    spent = now;
  }
  const double elapsed = Seconds(Clock::now() - begin).count();
  const double waited = seconds_waited() - waited_before;
  progress.update("timing", samples, samples, "");

  EtProfile profile;
  profile.date = now_utc();
  profile.version = EINET_VERSION;
  profile.platform = this_platform(program->threads(), program->precision());
  profile.tuning = program->tuning();
  profile.samples = samples;
  const std::vector<TimeStat> stats = summarize_runs(times, parts);
  for (int i = 0; i < program->exits(); ++i) {
    profile.conv.push_back(stats[2 * i]);
    profile.branch.push_back(stats[2 * i + 1]);
  }
  TimingQuality quality;
  quality.total = summarize_runs(run_totals(times, parts));
  const double sum_of_medians = profile.run_seconds();
  quality.excess = sum_of_medians > 0 ? quality.total.p50 / sum_of_medians : 1.0;
  quality.waiting = std::clamp(waited / (elapsed * program->threads()), 0.0, 1.0);
  profile.quality = quality;
  return profile;
}

}  // namespace einet::profile
