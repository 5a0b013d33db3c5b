#include "einet/bundle/timing.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <tuple>
#include <utility>

#include "einet/core/error.h"
#include "einet/profile/timing_cache.h"
#include "einet/profile/timing_check.h"

namespace einet::bundle {
namespace {

constexpr std::string_view kProfileAgain = "einet profile BUNDLE --timing-only";
constexpr std::string_view kMeasureAgain = "--measure";
constexpr std::string_view kStore = "; einet profile BUNDLE --timing-only stores times in the bundle";

/// A timing that may be true of this machine.
struct Candidate {
  TimingSource source;
  profile::EtProfile profile;

  /// Better ones first.
  bool operator<(const Candidate& other) const {
    const bool busy = profile.busy(), other_busy = other.profile.busy();
    return std::tie(busy, other.profile.date) < std::tie(other_busy, profile.date);
  }
};

std::vector<Candidate> candidates_of(const Bundle& bundle, const TimingOptions& options,
                                     const profile::TimingCache& cache) {
  std::vector<Candidate> candidates;
  for (const std::string& name : {profile::this_platform(options.threads, options.precision).name,
                                  profile::earlier_name(options.threads, options.precision)}) {
    if (const auto found = bundle.timing.find(name); found != bundle.timing.end()) {
      candidates.push_back({TimingSource::kBundle, found->second});
    }
  }
  if (auto kept = cache.read(); kept && kept->exits() == bundle.exits()) {
    candidates.push_back({TimingSource::kCache, std::move(*kept)});
  }
  std::stable_sort(candidates.begin(), candidates.end());
  return candidates;
}

std::string milliseconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g ms", 1e3 * seconds);
  return text;
}

Timing of_platform(const Bundle& bundle, const std::string& platform) {
  if (const auto found = bundle.timing.find(platform); found != bundle.timing.end()) {
    return {.profile = found->second, .source = TimingSource::kOtherPlatform, .program = nullptr, .notes = {}};
  }
  std::string names;
  for (const auto& [name, timing] : bundle.timing) names += (names.empty() ? "" : ", ") + name;
  throw Error(ErrorKind::kUsage, "platform '" + platform + "'",
              names.empty() ? "the bundle has no times at all" : "the bundle has times of " + names);
}

/// Measures and keeps. `why` is why there is no other choice.
Timing measure(const Bundle& bundle, const TimingOptions& options, exec::CompileOptions compile,
               const profile::TimingCache& cache, const std::string& why, Progress& progress) {
  if (options.tune) compile.tuning = profile::cached_tuning(bundle.graph, compile, options.cache, progress);
  Timing timing{.profile = {}, .source = TimingSource::kMeasured, .program = nullptr, .notes = {}};
  timing.program = exec::compile(bundle.graph, compile);
  timing.profile = profile::measure_times(timing.program, options.measurement, progress);
  std::string kept;
  try {
    cache.write(timing.profile);
    kept = "kept in " + cache.file().parent_path().string();
  } catch (const Error& error) {
    kept = "not kept, so that every start measures again: " + std::string(error.what());
  }
  timing.notes.push_back("timing: " + why + ": measured now, " + kept + std::string(kStore));
  return timing;
}

Timing select(const Bundle& bundle, const TimingOptions& options, Progress& progress) {
  if (!options.platform.empty()) return of_platform(bundle, options.platform);
  exec::CompileOptions compile;
  compile.precision = options.precision;
  compile.threads = options.threads;
  const profile::TimingCache cache(bundle.graph, compile, options.tune, options.cache);
  if (options.measure) return measure(bundle, options, compile, cache, "as asked for", progress);

  std::string why;
  for (Candidate& candidate : candidates_of(bundle, options, cache)) {
    compile.tuning = candidate.profile.tuning;
    auto program = exec::compile(bundle.graph, compile);
    const profile::TimingCheck check = profile::check_timing(*program, candidate.profile);
    const bool cached = candidate.source == TimingSource::kCache;
    if (check.agrees()) {
      Timing timing{std::move(candidate.profile), candidate.source, std::move(program), {}};
      if (cached) {
        if (why.empty()) why = "the bundle has no newer times of this machine";
        timing.notes.push_back("timing: " + why + ": using those measured on " + timing.profile.date + ", kept in " +
                               cache.file().parent_path().string() + std::string(kStore));
      }
      return timing;
    }
    if (why.empty()) {
      why = "a run takes " + milliseconds(check.median) + " here, not " + milliseconds(check.stored) + " as in " +
            (cached ? cache.file().string() : "the bundle (" + candidate.profile.platform.name + ")");
    }
  }
  if (why.empty()) why = "the bundle has no times of this machine";
  compile.tuning = {};
  return measure(bundle, options, compile, cache, why, progress);
}

}  // namespace

std::string_view name(TimingSource source) noexcept {
  switch (source) {
    case TimingSource::kBundle:
      return "bundle";
    case TimingSource::kCache:
      return "cache";
    case TimingSource::kMeasured:
      return "measured";
    case TimingSource::kOtherPlatform:
      return "other platform";
  }
  return "";
}

std::string busy_note(const profile::EtProfile& profile, std::string_view remedy) {
  if (!profile.busy()) return {};
  return "timing: measured on a busy machine (" + profile.quality->text() + "): times may be off; measure again with " +
         std::string(remedy);
}

Timing select_timing(const Bundle& bundle, const TimingOptions& options, Progress& progress) {
  Timing timing = select(bundle, options, progress);
  const bool stored = timing.source == TimingSource::kBundle || timing.source == TimingSource::kOtherPlatform;
  if (std::string note = busy_note(timing.profile, stored ? kProfileAgain : kMeasureAgain); !note.empty()) {
    timing.notes.push_back(std::move(note));
  }
  return timing;
}

}  // namespace einet::bundle
