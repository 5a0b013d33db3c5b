#pragma once

#include <filesystem>
#include <memory>
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

/// Which times planning goes by, and why: the one place that decides.
///
/// In this order:
///   1. with `platform`, the bundle's timing of that name, unchecked: it is of another machine;
///   2. with `measure`, a new measurement;
///   3. of the bundle's timing of this machine, the bundle's timing with the name that earlier versions of EINet gave
///      this machine, and the measurement in the user's cache, the first one that a short check here agrees with
///      (measure::check_timing()): those measured undisturbed before the others, newer ones before older ones;
///   4. a new measurement.
/// New measurements, with the implementations they were made with, are kept in the cache, so that later starts plan
/// alike.
///
/// The planning costs are those of the timing. Where it has none, or runs are planned for another distribution or by
/// another planner than those it stores, they come from the cache or are measured now (a quarter of a second) and kept
/// there.
///
/// The decision table is that of the timing, too. Where it has none, or runs are planned for another distribution, it
/// comes from the cache or is fitted on the bundle's confidences now (a second at most for usual networks) and kept
/// there.
enum class TimingSource {
  kBundle,         ///< The bundle's timing of this machine.
  kCache,          ///< Measured by an earlier start.
  kMeasured,       ///< Measured now.
  kOtherPlatform,  ///< The bundle's timing of the platform asked for.
};

/// "bundle", "cache", "measured", "other platform".
std::string_view name(TimingSource source) noexcept;

struct TimingOptions {
  int threads = 1;
  exec::Precision precision = exec::Precision::kFloat32;
  /// Measure with the fastest implementations for this machine, chosen first (about a second, kept in the cache); off:
  /// with the default ones. Times of the bundle come with the implementations they were measured with.
  bool tune = true;
  bool measure = false;       ///< Measure now, whatever the bundle and the cache have.
  std::string platform = {};  ///< Take the bundle's timing of this platform; "" = this machine.
  /// What runs are planned for, in the language of plan::parse_distribution(), and by which planner: planning costs
  /// depend on both.
  std::string distribution = "uniform";
  std::string planner = "exact";
  bool decision_table = false;  ///< Give the profile a decision table. Never with another planner than "exact".
  std::filesystem::path cache = exec::cache_directory();  ///< Empty = nothing is kept.
  measure::EtOptions measurement = {};
};

struct Timing {
  profile::EtProfile profile;
  TimingSource source = TimingSource::kBundle;
  /// The network as it was timed; null for kOtherPlatform.
  std::shared_ptr<const exec::Program> program;
  /// Lines for the user, "timing: …": which times are used where that is no matter of course, and times that may be
  /// off.
  std::vector<std::string> notes;
};

/// Throws kUsage, naming those there are, when the bundle has no timing of `options.platform`, and what compiling
/// throws. A cache that cannot be read or written is noted.
Timing select_timing(const Bundle& bundle, const TimingOptions& options = {}, Progress& progress = Progress::none());

/// Planning costs r_i of the bundle's own policy in runs of `program` (measure::measure_planning()); empty where it has
/// no fit or re-plans nothing. What an EtProfile stores is for the default distribution and planner. Throws as
/// plan::parse_distribution() and plan::make_planner() do.
std::vector<double> measure_planning(const Bundle& bundle, const exec::Program& program, const plan::BlockTimes& times,
                                     const std::string& distribution = "uniform", const std::string& planner = "exact");

/// "timing: measured on a busy machine (…): times may be off; measure again with <remedy>", or "" when it was not.
std::string busy_note(const profile::EtProfile& profile, std::string_view remedy);

}  // namespace einet::bundle
