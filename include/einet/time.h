#pragma once

#include <chrono>

namespace einet {

/// The only clock of EINet: monotonic, so durations never go backwards.
using Clock = std::chrono::steady_clock;

/// A duration in seconds as a double, the unit of profiles and plans.
using Seconds = std::chrono::duration<double>;

}  // namespace einet
