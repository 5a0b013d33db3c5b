#pragma once

#include <string>

namespace einet {

/// The current time for people: "2026-01-31 12:00 UTC".
std::string utc_time();

}  // namespace einet
