#pragma once

#include <span>
#include <vector>

#include "exec/program.h"

namespace einet::measure {

/// Normalised noise: times do not depend on what a network sees.
std::vector<float> noise(std::int64_t size);

/// What two readings of the clock in a row differ by: part of every measured time, though of no block.
double clock_overhead();

/// Seconds of one complete run: every part of `program`, whose `execution` it is, on `input`.
double whole_run(const exec::Program& program, exec::Execution& execution, std::span<const float> input);

/// One complete run; `times` is [2 * exits]: seconds of conv part and branch of each exit in turn, less `overhead`
/// each. Taking the input belongs to the first conv part and reading the answer off to the branch, as in a session.
void timed_run(const exec::Program& program, exec::Execution& execution, std::span<const float> input, double overhead,
               std::span<double> times);

/// Seconds that the threads of this process, in sum and since they began, were ready to run while other processes had
/// their processors. 0 where the kernel does not count it.
double seconds_waited();

}  // namespace einet::measure
