#include "serve/log.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>

namespace einet::serve {
namespace {

/// UTC with milliseconds: 2026-01-31T12:00:00.000Z.
std::string time_stamp() {
  const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char date[32], text[48];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>(now.time_since_epoch().count() % 1000));
  return text;
}

}  // namespace

void log_event(std::string_view event, const nlohmann::json& fields) {
  nlohmann::ordered_json line{{"time", time_stamp()}, {"event", event}};
  for (const auto& [name, value] : fields.items()) line[name] = value;
  const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);  // One call, so that lines of several threads are not mixed.
}

}  // namespace einet::serve
