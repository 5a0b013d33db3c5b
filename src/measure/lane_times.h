#pragma once

#include <optional>
#include <span>

#include "core/progress.h"
#include "exec/program.h"
#include "measure/block_times.h"
#include "profile/et_profile.h"

namespace einet::measure {

/// Runs the network of a program compiled with a branch lane repeatedly on two threads and times every part. Runs that
/// execute all branches alternate with runs that execute only the last one, which give the conv parts' times while the
/// branch lane is idle. Planning and decisions are left empty. Throws kUsage if the program has no branch lane or the
/// options ask for no samples. See lane_times.cc.
profile::LaneProfile measure_lane_times(const exec::Program& program, const EtOptions& options = {},
                                        Progress& progress = Progress::none());

/// The time of a conv part while the branch lane is busy, from runs in which it was busy for a part of that time:
/// `seconds[k]` of run k, of which `overlap[k]` beside a branch; `idle` without. While both run, the part progresses at
/// a constant share of its speed: seconds = overlap + (1 - overlap / busy) idle. Empty if the overlap is less than half
/// of the time in half of the runs, so that noise would be amplified.
std::optional<double> busy_seconds(std::span<const double> seconds, std::span<const double> overlap, double idle);

}  // namespace einet::measure
