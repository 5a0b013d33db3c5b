#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "einet/core/progress.h"
#include "einet/core/time.h"
#include "einet/exec/program.h"
#include "einet/plan/plan.h"

namespace einet::profile {

/// Summary of many timings of one thing, in seconds.
struct TimeStat {
  double mean = 0, p10 = 0, p50 = 0, p90 = 0, p99 = 0;
};

/// What a timing was measured on.
struct Platform {
  std::string name;       ///< File-name safe: processor model, "-", threads, "t", "-", precision.
  std::string processor;  ///< As the system calls it.
  int threads = 1;
  std::string precision = "f32";
  std::string library;  ///< "oneDNN 2.6.3".
};
Platform this_platform();

/// ET-profile (paper IV-B): the measured time of every conv part and branch on one platform.
struct EtProfile {
  Platform platform;
  std::int64_t samples = 0;            ///< Runs measured.
  std::vector<TimeStat> conv, branch;  ///< One per exit.
  std::vector<double> planning;  ///< r_i, mean seconds of predictor and planner after exit i; empty = not measured.

  /// Mean times; what planners and simulation work with.
  plan::BlockTimes times() const;
};

struct EtOptions {
  Seconds warm_up{0.2};
  Seconds budget{1.0};   ///< Measures for about this long…
  int min_samples = 50;  ///< …but at least so many complete runs.
};

/// Runs the whole network again and again and times every part. Input: noise (times do not depend on it).
/// The mean leaves out runs disturbed from outside: those above the 99th percentile of the run's total.
EtProfile measure_times(const std::shared_ptr<const exec::Program>& program, const EtOptions& options = {},
                        Progress& progress = Progress::none());

nlohmann::json to_json(const EtProfile& profile);
/// Throws kInvalidData naming `name`: missing fields, lengths that disagree, NaN, negative or infinite times.
EtProfile et_profile_from_json(const nlohmann::json& json, const std::string& name);

}  // namespace einet::profile
