#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/bundle.h"
#include "core/progress.h"
#include "exec/program.h"
#include "exec/tuning_cache.h"
#include "measure/block_times.h"
#include "profile/et_profile.h"

namespace einet::bundle {

/// Selects the times that plans are based on. This is the only place that decides.
///
/// The first of these that applies:
///   1. with `platform`, the bundle's timing of that name, unchecked because it is of another machine;
///   2. with `measure`, a new measurement;
///   3. existing times that a short check on this machine confirms (measure::check_timing()). Candidates are the
///      bundle's timing of this machine, the bundle's timing with the name that earlier versions of EINet gave this
///      machine, and the measurement in the user's cache; undisturbed measurements are tried first, newer before older;
///   4. a new measurement.
/// New measurements are stored in the cache, together with the implementations they were made with, so that later
/// starts plan in the same way.
///
/// The planning costs are those of the timing. If it has none, or has them for another distribution or planner, they
/// are taken from the cache, or measured now (a quarter of a second) and stored there.
///
/// The decision table is also that of the timing. If it has none, or has it for another distribution, it is taken from
/// the cache, or fitted now on the bundle's confidences (at most a second for usual networks) and stored there.
enum class TimingSource {
  kBundle,         ///< The bundle's timing of this machine.
  kCache,          ///< Measured by an earlier start.
  kMeasured,       ///< Measured now.
  kOtherPlatform,  ///< The bundle's timing of the requested platform.
};

/// "bundle", "cache", "measured", "other platform".
std::string_view name(TimingSource source) noexcept;

struct TimingOptions {
  int threads = 1;
  /// 2: for runs with a branch lane. Existing times that were not measured with two lanes are then not used. Only with
  /// one thread.
  int lanes = 1;
  exec::Precision precision = exec::Precision::kFloat32;
  /// For new measurements: whether to choose the fastest implementations for this machine first (about a second, stored
  /// in the cache) instead of using the default ones. Times in the bundle name the implementations they are for.
  bool tune = true;
  bool measure = false;       ///< Measure now, even if the bundle or the cache has times.
  std::string platform = {};  ///< Use the bundle's timing of this platform; "" = this machine.
  /// The distribution that runs are planned for, in the syntax of plan::parse_distribution(), and the planner: planning
  /// costs depend on both.
  std::string distribution = "uniform";
  std::string planner = "exact";
  bool decision_table = false;  ///< Whether the profile gets a decision table; ignored unless the planner is "exact".
  std::filesystem::path cache = exec::cache_directory();  ///< Empty = no cache.
  measure::EtOptions measurement = {};
};

struct Timing {
  profile::EtProfile profile;
  TimingSource source = TimingSource::kBundle;
  /// The compiled network that was timed; null for kOtherPlatform.
  std::shared_ptr<const exec::Program> program;
  /// Lines for the user, "timing: …": which times are used, if not those of the bundle, and which may be inaccurate.
  std::vector<std::string> notes;
  int lanes = 1;  ///< As requested.

  /// The times and the decision table of the profile for this number of lanes.
  plan::BlockTimes times() const { return profile.times(lanes); }
  const std::optional<plan::DecisionTable>& decisions() const {
    return lanes == 1 ? profile.decisions : profile.lanes->decisions;
  }
};

/// Throws kUsage, naming the existing ones, if the bundle has no timing of `options.platform`; kNotFound if that has
/// none with two lanes but they are requested; also what compiling throws. A cache that cannot be read or written is
/// not an error; a note reports it.
Timing select_timing(const Bundle& bundle, const TimingOptions& options = {}, Progress& progress = Progress::none());

/// Planning costs r_i of the bundle's own policy in runs of `program` (measure::measure_planning()); empty if it has no
/// fit or does not re-plan. An EtProfile stores those for the default distribution and planner. Throws the errors of
/// plan::parse_distribution() and plan::make_planner().
std::vector<double> measure_planning(const Bundle& bundle, const exec::Program& program, const plan::BlockTimes& times,
                                     const std::string& distribution = "uniform", const std::string& planner = "exact");

/// "timing: measured on a busy machine (…): times may be inaccurate; measure again with <remedy>"; "" if it was idle.
std::string busy_note(const profile::EtProfile& profile, std::string_view remedy);

}  // namespace einet::bundle
