#pragma once

namespace einet {

/// Processors that this process may use: those of its affinity mask (taskset, cpuset), or fewer where a control group
/// (container) has a quota of processor time, rounded up to whole processors; at least 1.
///
/// Found at the first call and kept, so that a thread that is pinned to a processor later does not change it: call it
/// before pinning threads. From any thread.
int available_processors();

/// `requested` threads, or as many as there are available processors where these are fewer. More would take turns on
/// the same processors, and OpenMP's threads wait for the slowest of them: 16 threads on one processor were measured at
/// 50 times the time of one.
int usable_threads(int requested);

}  // namespace einet
