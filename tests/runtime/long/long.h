#pragma once

#include <string>
#include <vector>

// Tests that take too long, or need too many privileges, for regular runs. Each prints what it measured and returns the
// number of violations of docs/runtime.md.

namespace einet::testing {

/// Kills the worker of a supervisor `count` times during runs and measures the time until the next answer.
int restarts(const std::string& bundle, int count);

/// Lets the kernel kill `count` workers because their control group has run out of memory. Needs root and a memory
/// controller.
int out_of_memory(const std::string& bundle, int count);

/// Everything on one processor under SCHED_FIFO, beside busy ordinary threads: compares deadlines with interrupts.
/// Needs root.
int real_time(const std::string& bundle, int count);

/// Compares the first run of `count` new processes with later runs.
int first_runs(const std::string& bundle, int count);

/// Sessions, readers, interrupts and deadlines beside four busy threads per processor for `seconds`.
int soak(const std::string& bundle, int seconds);

/// The programs that out_of_memory() and first_runs() start: this program with "--NAME ARGUMENTS".
int growing_worker(const std::string& bundle, const std::string& group);
int first_run_of_process(const std::string& bundle);

/// "median 1.0, 99 % 2.0, most 3.0 us"
std::string in_microseconds(std::vector<double> seconds);

}  // namespace einet::testing
