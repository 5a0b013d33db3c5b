#pragma once

#include <span>
#include <vector>

#include "exec/program.h"

namespace einet::measure {

/// Normalised noise: times do not depend on the values of the input.
std::vector<float> noise(std::int64_t size);

/// The difference between two consecutive readings of the clock, which is part of every measured time.
double clock_overhead();

/// Seconds of one complete run: every part of `program`, whose `execution` it is, on `input`.
double whole_run(const exec::Program& program, exec::Execution& execution, std::span<const float> input);

/// One complete run; `times` is [2 * exits]: seconds of conv part and branch of each exit in order, less `overhead`
/// each. As in a session, copying the input counts as part of the first conv part, and reading the answer as part of
/// the branch.
void timed_run(const exec::Program& program, exec::Execution& execution, std::span<const float> input, double overhead,
               std::span<double> times);

/// Total seconds so far that the threads of this process were ready to run but waiting for a processor. 0 if the
/// kernel does not count them.
double seconds_waited();

}  // namespace einet::measure
