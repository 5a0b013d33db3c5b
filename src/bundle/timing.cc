#include "bundle/timing.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "einet/distribution.h"
#include "einet/error.h"
#include "exec/cache_entry.h"
#include "io/json_object.h"
#include "io/sha256.h"
#include "measure/lane_times.h"
#include "measure/planning_cost.h"
#include "measure/timing_cache.h"
#include "measure/timing_check.h"
#include "policy/decision_fit.h"
#include "policy/elastic.h"
#include "profile/decision_table_json.h"

namespace einet::bundle {
namespace {

constexpr std::string_view kProfileAgain = "einet profile BUNDLE --timing-only";
constexpr std::string_view kMeasureAgain = "--measure";

std::string store_hint(const TimingOptions& options) {
  return std::string("; einet profile BUNDLE --timing-only") + (options.lanes == 2 ? " --lanes 2" : "") +
         " stores times in the bundle";
}

/// A timing that may be valid for this machine.
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
                                     const measure::TimingCache& cache) {
  std::vector<Candidate> candidates;
  for (const std::string& name : {exec::this_platform(options.threads, options.precision).name,
                                  exec::earlier_name(options.threads, options.precision)}) {
    if (const auto found = bundle.timing.find(name); found != bundle.timing.end()) {
      candidates.push_back({TimingSource::kBundle, found->second});
    }
  }
  if (auto kept = cache.read(); kept && kept->exits() == bundle.exits()) {
    candidates.push_back({TimingSource::kCache, std::move(*kept)});
  }
  if (options.lanes == 2) std::erase_if(candidates, [](const Candidate& c) { return !c.profile.lanes; });
  std::stable_sort(candidates.begin(), candidates.end());
  return candidates;
}

std::string milliseconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g ms", 1e3 * seconds);
  return text;
}

Timing of_platform(const Bundle& bundle, const std::string& platform, int lanes) {
  if (const auto found = bundle.timing.find(platform); found != bundle.timing.end()) {
    if (lanes == 2 && !found->second.lanes) {
      throw Error(ErrorKind::kNotFound, "platform '" + platform + "'",
                  "the bundle has no times with two lanes of it; einet profile BUNDLE --timing-only --lanes 2 on that "
                  "machine adds them");
    }
    return {.profile = found->second,
            .source = TimingSource::kOtherPlatform,
            .program = nullptr,
            .notes = {},
            .lanes = lanes};
  }
  std::string names;
  for (const auto& [name, timing] : bundle.timing) names += (names.empty() ? "" : ", ") + name;
  throw Error(ErrorKind::kUsage, "platform '" + platform + "'",
              names.empty() ? "the bundle has no times" : "the bundle has times of " + names);
}

/// Measures and stores the result in the cache. `why` states why no existing times were used.
Timing measure(const Bundle& bundle, const TimingOptions& options, exec::CompileOptions compile,
               const measure::TimingCache& cache, const std::string& why, Progress& progress) {
  if (options.tune) compile.tuning = exec::cached_tuning(bundle.graph, compile, options.cache, progress);
  Timing timing{
      .profile = {}, .source = TimingSource::kMeasured, .program = nullptr, .notes = {}, .lanes = options.lanes};
  const auto with_lane = compile.branch_lane ? exec::compile(bundle.graph, compile) : nullptr;
  compile.branch_lane = false;
  timing.program = exec::compile(bundle.graph, compile);
  timing.profile = measure::measure_times(timing.program, options.measurement, progress);
  if (with_lane) {
    timing.profile.lanes = measure::measure_lane_times(*with_lane, options.measurement, progress);
    timing.program = with_lane;
  }
  std::string kept;
  try {
    cache.write(timing.profile);
    kept = "kept in " + cache.file().parent_path().string();
  } catch (const Error& error) {
    kept = "not kept, so every start measures again: " + std::string(error.what());
  }
  timing.notes.push_back("timing: " + why + ": measured now, " + kept + store_hint(options));
  return timing;
}

exec::CompileOptions compile_options(const TimingOptions& options) {
  exec::CompileOptions compile;
  compile.precision = options.precision;
  compile.threads = options.threads;
  compile.branch_lane = options.lanes == 2;
  return compile;
}

Timing select(const Bundle& bundle, const TimingOptions& options, Progress& progress) {
  if (!options.platform.empty()) return of_platform(bundle, options.platform, options.lanes);
  exec::CompileOptions compile = compile_options(options);
  const measure::TimingCache cache(bundle.graph, compile, options.tune, options.cache);
  if (options.measure) return measure(bundle, options, compile, cache, "as requested", progress);

  std::string why;
  for (Candidate& candidate : candidates_of(bundle, options, cache)) {
    compile.tuning = candidate.profile.tuning;
    auto program = exec::compile(bundle.graph, compile);
    const measure::TimingCheck check = measure::check_timing(*program, candidate.profile);
    const bool cached = candidate.source == TimingSource::kCache;
    if (check.agrees()) {
      Timing timing{std::move(candidate.profile), candidate.source, std::move(program), {}, options.lanes};
      if (cached) {
        if (why.empty()) why = "the bundle has no newer times of this machine";
        timing.notes.push_back("timing: " + why + ": using those measured on " + timing.profile.date + ", kept in " +
                               cache.file().parent_path().string() + store_hint(options));
      }
      return timing;
    }
    if (why.empty()) {
      why = "a run takes " + milliseconds(check.median) + " here, not " + milliseconds(check.stored) + " as in " +
            (cached ? cache.file().string() : "the bundle (" + candidate.profile.platform.name + ")");
    }
  }
  if (why.empty()) {
    why = options.lanes == 2 ? "the bundle has no times with two lanes of this machine"
                             : "the bundle has no times of this machine";
  }
  compile.tuning = {};
  return measure(bundle, options, compile, cache, why, progress);
}

bool replans(const Bundle& bundle) { return bundle.fit && bundle.fit->beliefs.learns(); }

/// The cache entry of planning costs, which depend on the network, the predictor, the distribution and the planner.
std::optional<exec::CacheEntry> planning_entry(const Bundle& bundle, const TimingOptions& options) {
  if (options.cache.empty()) return std::nullopt;
  nlohmann::json key = exec::cache_key(bundle.graph, compile_options(options));
  key["predictor"] = exec::cache_key(bundle.fit->predictor, {});
  key["distribution"] = options.distribution;
  key["planner"] = options.planner;
  if (options.lanes != 1) key["lanes"] = options.lanes;
  return exec::CacheEntry(options.cache / "planning", "einet-cached-planning", 1, std::move(key));
}

/// The content of `entry` as read by `parse`, which throws if it is damaged. If there is no valid content, or with
/// `anew`, the result of `compute`, which is then stored in the form produced by `format`.
template <class Parse, class Compute, class Format>
auto kept_or_computed(const std::optional<exec::CacheEntry>& entry, bool anew, Parse parse, Compute compute,
                      Format format) {
  if (const auto kept = entry && !anew ? entry->read() : std::nullopt) {
    try {
      return parse(*kept, entry->file().string());
    } catch (const std::exception&) {
      // Damaged: computed again below.
    }
  }
  auto value = compute();
  try {
    if (entry) entry->write(format(value));
  } catch (const Error&) {
    // The next start computes it again.
  }
  return value;
}

/// Sets the planning costs of `timing` to those of the bundle's own policy.
void set_planning(const Bundle& bundle, const TimingOptions& options, Timing& timing) {
  std::vector<double>& planning = timing.lanes == 1 ? timing.profile.planning : timing.profile.lanes->planning;
  if (!replans(bundle)) return planning.clear();
  const bool as_stored = options.distribution == "uniform" && options.planner == "exact";  // See EtProfile::planning.
  if (as_stored && !planning.empty() && !options.measure) return;

  if (timing.source == TimingSource::kOtherPlatform) {
    timing.notes.push_back("timing: planning costs of " + timing.profile.platform.name +
                           " are unknown; using those of this machine");
  }
  const auto parse = [&](const nlohmann::json& kept, const std::string& file) {
    const io::JsonObject object(kept, file);
    std::vector<double> costs = object.numbers("planning", 0);
    if (static_cast<int>(costs.size()) != bundle.exits()) object.fail("planning", "is for a different number of exits");
    return costs;
  };
  const auto measure = [&] {
    const auto program = timing.program ? timing.program : exec::compile(bundle.graph);
    return measure_planning(bundle, *program, timing.times(), options.distribution, options.planner);
  };
  const auto format = [](const std::vector<double>& costs) { return nlohmann::json{{"planning", costs}}; };
  planning = kept_or_computed(planning_entry(bundle, options), options.measure, parse, measure, format);
}

/// SHA-256 of labels, predictions and confidences. It is computed at every start, therefore from the numbers in memory:
/// the file format would have to be compressed first.
std::string digest(const profile::CsProfile& confidences) {
  std::string bytes;
  const auto append = [&](const auto& values) {
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
  };
  append(confidences.labels);
  append(confidences.predicted);
  append(confidences.confidence);
  return io::sha256(bytes);
}

/// The cache entry of a decision table, which depends on the times, the confidences and the distribution.
std::optional<exec::CacheEntry> decisions_entry(const Bundle& bundle, const TimingOptions& options,
                                                const plan::BlockTimes& times) {
  if (options.cache.empty()) return std::nullopt;
  nlohmann::json key = exec::cache_key(bundle.graph, compile_options(options));
  key["times"] = {times.conv, times.branch};
  if (times.lanes() == 2) key["lanes"] = {times.lane.conv, times.lane.busy, times.lane.branch};
  key["confidences"] = digest(*bundle.confidences);
  key["distribution"] = options.distribution;
  return exec::CacheEntry(options.cache / "decisions", "einet-cached-decisions", 1, std::move(key));
}

/// Sets the decision table of `timing`; none if the options exclude it, or if there is neither a stored table nor
/// confidences to fit one on.
void set_decisions(const Bundle& bundle, const TimingOptions& options, Timing& timing) {
  std::optional<plan::DecisionTable>& decisions =
      timing.lanes == 1 ? timing.profile.decisions : timing.profile.lanes->decisions;
  if (!options.decision_table || options.planner != "exact") return decisions.reset();
  if (options.distribution == "uniform" && decisions) return;
  if (!bundle.confidences) return decisions.reset();

  const plan::BlockTimes times = timing.times();
  const auto parse = [&](const nlohmann::json& kept, const std::string& file) {
    plan::DecisionTable table = profile::decision_table_from_json(kept.at("decisions"), file);
    if (table.exits() != bundle.exits())
      throw Error(ErrorKind::kInvalidData, file, "is for a different number of exits");
    return table;
  };
  const auto fit = [&] {
    const auto distribution = plan::parse_distribution(options.distribution, times.total());
    return policy::checked_decisions(*bundle.confidences, times, distribution).table;
  };
  const auto format = [](const plan::DecisionTable& table) {
    return nlohmann::json{{"decisions", profile::to_json(table)}};
  };
  decisions = kept_or_computed(decisions_entry(bundle, options, times), false, parse, fit, format);
}

}  // namespace

std::vector<double> measure_planning(const Bundle& bundle, const exec::Program& program, const plan::BlockTimes& times,
                                     const std::string& distribution, const std::string& planner) {
  if (!replans(bundle)) return {};
  const auto beliefs = std::make_shared<const predict::BeliefParameters>(bundle.fit->beliefs);
  plan::BlockTimes block_times = times;
  block_times.planning.clear();
  const auto cut_off = plan::parse_distribution(distribution, times.total());
  const auto policy = elastic_policies(beliefs, bundle.predictor(), block_times, cut_off, {.planner = planner})();
  const measure::PlanningCostOptions options{.lanes = times.lanes()};
  if (bundle.confidences) return measure::measure_planning(*policy, program, *bundle.confidences, options);
  profile::CsProfile likely;  // A single sample whose confidence at each exit is the exit's expected accuracy.
  likely.exits = bundle.exits();
  likely.labels = {0};
  likely.predicted.assign(likely.exits, 0);
  for (const double prior : bundle.fit->beliefs.prior) likely.confidence.push_back(static_cast<float>(prior));
  return measure::measure_planning(*policy, program, likely, options);
}

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
  return "timing: measured on a busy machine (" + profile.quality->text() +
         "): times may be inaccurate; measure again with " + std::string(remedy);
}

Timing select_timing(const Bundle& bundle, const TimingOptions& options, Progress& progress) {
  if (options.lanes != 1 && options.lanes != 2) {
    throw Error(ErrorKind::kUsage, "lanes", std::to_string(options.lanes) + " is not 1 or 2");
  }
  Timing timing = select(bundle, options, progress);
  timing.lanes = options.lanes;
  const bool stored = timing.source == TimingSource::kBundle || timing.source == TimingSource::kOtherPlatform;
  if (options.lanes == 2 && timing.profile.lanes->is_busy()) {
    timing.notes.push_back("timing: two lanes were measured on a busy machine (waited " +
                           std::to_string(std::lround(100 * timing.profile.lanes->waiting)) +
                           " % of the time): times may be inaccurate");
  }
  if (std::string note = busy_note(timing.profile, stored ? kProfileAgain : kMeasureAgain); !note.empty()) {
    timing.notes.push_back(std::move(note));
  }
  set_planning(bundle, options, timing);
  set_decisions(bundle, options, timing);
  return timing;
}

}  // namespace einet::bundle
