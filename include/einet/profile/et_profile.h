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
#include "einet/profile/platform.h"
#include "einet/profile/statistics.h"

namespace einet::profile {

/// ET-profile (paper IV-B): the measured time of every conv part and branch on one platform.
struct EtProfile {
  Platform platform;
  exec::Tuning tuning;                 ///< What the timed program was compiled with.
  std::int64_t samples = 0;            ///< Runs measured.
  std::vector<TimeStat> conv, branch;  ///< One per exit; branches up to label and confidence.
  std::vector<double> planning;  ///< r_i, mean seconds of predictor and planner after exit i; empty = not measured.

  int exits() const { return static_cast<int>(conv.size()); }
  /// Mean times; what planners and simulation work with.
  plan::BlockTimes times() const;
  /// Throws kInvalidData naming `name`: no exits, lengths that disagree, NaN, negative or infinite times.
  void validate(const std::string& name) const;
};

struct EtOptions {
  Seconds warm_up{0.2};     ///< Unmeasured runs first, for about this long (at least three): caches, clock frequency.
  Seconds budget{1.0};      ///< Measures for about this long…
  int min_samples = 50;     ///< …but at least so many complete runs…
  int max_samples = 20000;  ///< …and at most so many (bounds the memory).
};

/// Runs the whole network again and again and times every part. Input: noise (times do not depend on it).
/// The mean leaves out runs disturbed from outside: those above the 99th percentile of the run's total. The cost of
/// reading the clock is subtracted. Throws kUsage when the options ask for no sample.
EtProfile measure_times(const std::shared_ptr<const exec::Program>& program, const EtOptions& options = {},
                        Progress& progress = Progress::none());

nlohmann::json to_json(const EtProfile& profile);
/// Throws kInvalidData naming `name`: missing fields, lengths that disagree, NaN, negative or infinite times.
EtProfile et_profile_from_json(const nlohmann::json& json, const std::string& name);

}  // namespace einet::profile
