#pragma once

#include <chrono>
#include <cstdint>

#include "einet/session.h"

namespace einet {

/// What start() makes of RunOptions, the same for a session and for a supervisor.

/// Deadline of a run that has none, and any further away than a thousand million seconds.
inline constexpr std::chrono::nanoseconds kNoRunDeadline = std::chrono::nanoseconds::max();

/// The number of the next run. Throws kUsage for one that is not above `last`.
std::uint64_t run_number(const RunOptions& options, std::uint64_t last);
/// When the run begins if start() is called `now`.
Clock::time_point run_begin(const RunOptions& options, Clock::time_point now) noexcept;
/// Since the beginning, at least 0. Throws kInvalidData for NaN.
std::chrono::nanoseconds run_deadline(const RunOptions& options);

}  // namespace einet
