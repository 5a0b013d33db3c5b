#pragma once

#include <chrono>
#include <string>

namespace einet {

/// The current time for people: "2026-01-31 12:00 UTC".
std::string utc_time();

/// For programs (ISO 8601): "2026-01-31T12:00:00Z".
std::string iso_time(std::chrono::system_clock::time_point time);
/// The same with milliseconds: "2026-01-31T12:00:00.000Z".
std::string iso_time_milliseconds(std::chrono::system_clock::time_point time);

}  // namespace einet
