#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/progress.h"
#include "einet/time.h"
#include "exec/program.h"

namespace einet::reproduce {

/// Times of every block over many inputs.
struct BlockRuns {
  int parts = 0;              ///< 2 * exits: conv part and branch of each exit in turn.
  std::vector<double> times;  ///< [runs, parts], seconds.

  int runs() const { return parts == 0 ? 0 : static_cast<int>(times.size()) / parts; }
  std::vector<double> of(int part) const;  ///< All runs of one part.
};

/// Runs the whole network once for each of `inputs` inputs, after a warm-up, and times every block
/// (measure::timed_run). `input(i, values)` writes the i-th input, normalised. Stops after `budget`, but not before 100
/// runs.
BlockRuns time_blocks(const exec::Program& program, const std::function<void(int, std::span<float>)>& input, int inputs,
                      Seconds budget, Progress& progress);

}  // namespace einet::reproduce
