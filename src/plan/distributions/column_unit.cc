#include "plan/distributions/column_unit.h"

#include <cctype>
#include <string>
#include <vector>

#include "core/duration.h"

namespace einet::plan {
namespace {

/// The words of a header in lower case: "cutMs" and "cut_ms" are both "cut", "ms". Non-ASCII bytes count as letters.
std::vector<std::string> words(std::string_view header) {
  std::vector<std::string> found;
  bool inside = false;
  bool after_lower = false;
  for (const char c : header) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = byte >= 0x80 || std::isalpha(byte) != 0;
    const bool upper = std::isupper(byte) != 0;
    if (letter && (!inside || (upper && after_lower))) found.emplace_back();
    if (letter) found.back() += static_cast<char>(std::tolower(byte));
    inside = letter;
    after_lower = letter && !upper;
  }
  return found;
}

double unit_of(std::string_view word, bool last) {
  struct Word {
    std::string_view name;
    double seconds;
  };
  static constexpr Word kWords[] = {{"nanosecond", 1e-9},  {"nanos", 1e-9},  {"microsecond", 1e-6}, {"micros", 1e-6},
                                    {"millisecond", 1e-3}, {"millis", 1e-3}, {"second", 1},         {"sec", 1},
                                    {"minute", 60},        {"hour", 3600}};
  for (const Word& known : kWords) {
    if (word == known.name || (word.ends_with('s') && word.substr(0, word.size() - 1) == known.name)) {
      return known.seconds;
    }
  }
  // "min" may also mean minimum, and single letters are units only in certain positions.
  if (word == "min" || (word.size() == 1 && !last)) return 0.0;
  return seconds_per_unit(word);
}

}  // namespace

std::optional<double> column_unit(std::string_view header) {
  const std::vector<std::string> all = words(header);
  const bool horizons = !all.empty() && (all.back() == "horizons" || (all.back() == "t" && header.ends_with('T')));
  if (horizons) return std::nullopt;
  double unit = 0.0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double named = unit_of(all[i], i + 1 == all.size());
    if (named == 0.0 || named == unit) continue;
    if (unit != 0.0) return std::nullopt;
    unit = named;
  }
  return unit == 0.0 ? 1.0 : unit;
}

}  // namespace einet::plan
