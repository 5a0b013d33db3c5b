#pragma once

#include <vector>

#include "einet/time.h"
#include "exec/program.h"

namespace einet::measure {

/// Two programs of the same exits, run alternately, so that other processes and the clock frequency affect both alike.
struct PairedTimes {
  /// Median seconds until the answer of each exit if no other branch runs; then those of everything.
  std::vector<double> first, second;
  std::vector<double> speedup;  ///< Medians of first / second, by pair of runs.
};

/// For about `budget`, at least 20 pairs. The input is noise.
PairedTimes paired_times(const exec::Program& first, const exec::Program& second, Seconds budget);

}  // namespace einet::measure
