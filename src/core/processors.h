#pragma once

#include <vector>

namespace einet {

/// Number of processors that this process may use: those of its affinity mask (taskset, cpuset), or the CPU quota of
/// its control group (container), rounded up, if that is smaller; at least 1.
///
/// Determined at the first call, which should come before any thread is pinned to a processor. Any thread.
int available_processors();

/// The numbers of available_processors() processors on which the calling thread may run, for pinning threads.
std::vector<int> processors_to_pin();

/// `requested`, but at most available_processors(). More threads would take turns on the same processors, and OpenMP
/// waits for the slowest thread: 16 threads on one processor took 50 times as long as one thread.
int usable_threads(int requested);

}  // namespace einet
