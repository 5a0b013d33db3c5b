#pragma once

#include <chrono>
#include <cstdint>

#include "einet/session.h"

namespace einet {

// The interpretation of RunOptions by start(), shared by sessions and supervisors.

/// Deadline of a run without one, and any further away than 1e9 seconds.
inline constexpr std::chrono::nanoseconds kNoRunDeadline = std::chrono::nanoseconds::max();

/// The number of the next run. Throws kUsage if it is not above `last`.
std::uint64_t run_number(const RunOptions& options, std::uint64_t last);
/// The beginning of the run if start() is called at `now`.
Clock::time_point run_begin(const RunOptions& options, Clock::time_point now) noexcept;
/// The deadline since the beginning, at least 0. Throws kInvalidData for NaN.
std::chrono::nanoseconds run_deadline(const RunOptions& options);

}  // namespace einet
