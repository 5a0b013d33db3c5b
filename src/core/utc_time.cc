#include "core/utc_time.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace einet {
namespace {

using std::chrono::system_clock;

/// `format` as for strftime(); at most 31 characters.
std::string utc(const char* format, system_clock::time_point time) {
  const std::time_t seconds = system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

}  // namespace

std::string utc_time() { return utc("%Y-%m-%d %H:%M UTC", system_clock::now()); }

std::string iso_time(system_clock::time_point time) { return utc("%Y-%m-%dT%H:%M:%SZ", time); }

std::string iso_time_milliseconds(system_clock::time_point time) {
  const auto since = time - std::chrono::floor<std::chrono::seconds>(time);
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(since).count();
  std::array<char, 8> fraction;
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(milliseconds));
  return utc("%Y-%m-%dT%H:%M:%S", time) + fraction.data();
}

}  // namespace einet
