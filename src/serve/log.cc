#include "serve/log.h"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "core/utc_time.h"

namespace einet::serve {
void log_event(std::string_view event, const nlohmann::json& fields) {
  nlohmann::ordered_json line{{"time", iso_time_milliseconds(std::chrono::system_clock::now())}, {"event", event}};
  for (const auto& [name, value] : fields.items()) line[name] = value;
  const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);  // One call, so that lines of several threads are not mixed.
}

}  // namespace einet::serve
