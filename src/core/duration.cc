#include "core/duration.h"

#include <charconv>
#include <cmath>
#include <string>
#include <system_error>

#include "einet/error.h"

namespace einet {
namespace {

struct Unit {
  std::string_view name;
  double seconds;
};

// Unicode has µ twice: the micro sign, which keyboards produce, and the Greek letter.
constexpr Unit kUnits[] = {{"ns", 1e-9}, {"us", 1e-6}, {"\u00b5s", 1e-6}, {"\u03bcs", 1e-6}, {"ms", 1e-3},
                           {"s", 1},     {"m", 60},    {"min", 60},       {"h", 3600}};

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw Error(ErrorKind::kUsage, "'" + std::string(text.substr(0, 60)) + "'", why);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

double seconds_per_unit(std::string_view unit) {
  for (const Unit& known : kUnits) {
    if (unit == known.name) return known.seconds;
  }
  return 0.0;
}

Duration parse_time(std::string_view text) {
  const std::string_view all = trimmed(text);
  std::string_view number = all;
  if (number.starts_with('+')) number.remove_prefix(1);
  double value = 0.0;
  const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (fault == std::errc::invalid_argument) refuse(text, "is not a time such as 3ms, 250us, 0.5s or 90m");
  if (fault != std::errc() || !std::isfinite(value)) refuse(text, "is not a finite time");
  if (value < 0.0) refuse(text, "is a negative time");
  const std::string_view unit = trimmed(number.substr(end - number.data()));
  if (unit.empty()) {
    if (value == 0.0) return {};
    const std::string given(all);
    refuse(text, "has no unit; write " + given + "s, " + given + "ms, or " + given + "T for that part of the horizon");
  }
  if (unit == "T") return {.value = value, .of_horizon = true};
  const double seconds = seconds_per_unit(unit);
  if (seconds == 0.0) refuse(text, "is not a time; units are ns, us, ms, s, m and h, and T for the horizon");
  if (!std::isfinite(value * seconds)) refuse(text, "is not a finite time");
  return {.value = value * seconds, .of_horizon = false};
}

Seconds parse_seconds(std::string_view text) {
  const Duration duration = parse_time(text);
  if (duration.of_horizon) refuse(text, "is in units of the horizon, which is not known here; give a time such as 3ms");
  return Seconds(duration.value);
}

}  // namespace einet
