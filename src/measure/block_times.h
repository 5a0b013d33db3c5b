#pragma once

#include <memory>

#include "core/progress.h"
#include "einet/time.h"
#include "exec/program.h"
#include "profile/et_profile.h"

namespace einet::measure {

struct EtOptions {
  Seconds warm_up{0.2};     ///< Unmeasured runs before, for about this long (at least three): caches, clock frequency.
  Seconds budget{1.0};      ///< Measures for about this long…
  int min_samples = 50;     ///< …but at least this many complete runs…
  int max_samples = 20000;  ///< …and at most this many (bounds the memory).
};

/// Runs the whole network repeatedly and times every part. The input is noise, because times do not depend on it.
/// Means exclude runs disturbed from outside: those whose total is above the 99th percentile. The cost of reading the
/// clock is subtracted. `quality` shows whether other processes disturbed the measurement. Throws kUsage if the
/// options ask for no samples.
profile::EtProfile measure_times(const std::shared_ptr<const exec::Program>& program, const EtOptions& options = {},
                                 Progress& progress = Progress::none());

}  // namespace einet::measure
