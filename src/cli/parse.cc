#include "cli/parse.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "einet/error.h"

namespace einet::cli {
namespace {

struct Unit {
  const char* suffix;
  double size;
};

std::string with_unit(double value, const std::vector<Unit>& units) {
  const Unit* unit = &units.back();
  for (const Unit& candidate : units) {
    if (std::abs(value) >= candidate.size) {
      unit = &candidate;
      break;
    }
  }
  char text[48];
  const double scaled = value / unit->size;
  const int decimals = scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
  std::snprintf(text, sizeof text, "%.*f %s", decimals, scaled, unit->suffix);
  std::string result = text;
  while (result.back() == ' ') result.pop_back();
  return result;
}

}  // namespace

Duration parse_positive_time(const std::string& text) {
  const Duration time = parse_time(text);
  if (time.value == 0.0) throw Error(ErrorKind::kUsage, "'" + text + "'", "is not a time above 0");
  return time;
}

Seconds parse_duration(const std::string& text) {
  parse_positive_time(text);
  return parse_seconds(text);
}

std::vector<int> parse_sizes(const std::string& text, std::size_t count) {
  std::vector<int> sizes;
  const char* at = text.data();
  const char* end = at + text.size();
  while (at < end) {
    int value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || value < 1) break;
    sizes.push_back(value);
    if (next == end) {
      if (sizes.size() == count) return sizes;
      break;
    }
    if (*next != 'x') break;
    at = next + 1;
  }
  throw Error(ErrorKind::kUsage, "'" + text + "'",
              "is not " + std::to_string(count) + " sizes such as " + (count == 3 ? "3x32x32" : "2x2"));
}

std::vector<std::int64_t> parse_shape(const std::string& text) {
  const auto joints =
      static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return c == 'x' || c == ','; }));
  std::string joined = text;
  std::ranges::replace(joined, ',', 'x');
  const std::vector<int> sizes = parse_sizes(joined, joints + 1);
  return {sizes.begin(), sizes.end()};
}

std::map<std::string, std::string> parse_settings(const std::vector<std::string>& items) {
  std::map<std::string, std::string> settings;
  for (const std::string& item : items) {
    const auto equals = item.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorKind::kUsage, "'" + item + "'", "is not of the form NAME=VALUE");
    }
    settings[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return settings;
}

std::string format_seconds(double seconds) {
  return with_unit(seconds, {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}});
}

std::string format_count(double count) { return with_unit(count, {{"G", 1e9}, {"M", 1e6}, {"k", 1e3}, {"", 1}}); }

}  // namespace einet::cli
