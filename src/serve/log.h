#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace einet::serve {

/// Writes one line {"time": …, "event": event, …fields} to standard error, the log of a server. Any thread.
void log_event(std::string_view event, const nlohmann::json& fields);

}  // namespace einet::serve
