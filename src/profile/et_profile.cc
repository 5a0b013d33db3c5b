#include "einet/profile/et_profile.h"

#include <algorithm>
#include <cmath>
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

}  // namespace

plan::BlockTimes EtProfile::times() const {
  plan::BlockTimes times;
  for (const TimeStat& stat : conv) times.conv.push_back(stat.mean);
  for (const TimeStat& stat : branch) times.branch.push_back(stat.mean);
  times.planning = planning;
  return times;
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
  progress.update("timing", samples, samples, "");

  EtProfile profile;
  profile.platform = this_platform(program->threads(), program->precision());
  profile.tuning = program->tuning();
  profile.samples = samples;
  const std::vector<TimeStat> stats = summarize_runs(times, parts);
  for (int i = 0; i < program->exits(); ++i) {
    profile.conv.push_back(stats[2 * i]);
    profile.branch.push_back(stats[2 * i + 1]);
  }
  return profile;
}

}  // namespace einet::profile
