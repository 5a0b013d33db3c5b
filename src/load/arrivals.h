#pragma once

#include <cstdint>
#include <vector>

#include "einet/time.h"

namespace einet::load {

/// The times of `count` arrivals of a Poisson process, ascending, in seconds from its beginning: the time to the first
/// and between any two is drawn from an exponential distribution with mean 1/rate. `rate` > 0, in arrivals per second.
/// The same seed gives the same times on every platform.
std::vector<Seconds> poisson_arrivals(double rate, int count, std::uint64_t seed);

}  // namespace einet::load
