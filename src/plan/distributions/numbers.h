#pragma once

#include <charconv>
#include <cmath>
#include <span>
#include <string>

#include "einet/error.h"

namespace einet::plan {

/// The shortest text that parses to the same number.
inline std::string to_text(double value) {
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

/// "<prefix>1<unit>,2<unit>,…".
inline std::string list_text(std::string prefix, std::span<const double> values, const char* unit) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) prefix += ',';
    prefix += to_text(values[i]);
    prefix += unit;
  }
  return prefix;
}

/// Throws kInvalidData "<what>: <name> is <value>; it must be positive and finite" unless it is.
inline void require_positive(double value, const char* what, const char* name) {
  if (value > 0.0 && std::isfinite(value)) return;
  throw Error(ErrorKind::kInvalidData, what,
              std::string(name) + " is " + to_text(value) + "; it must be positive and finite");
}

}  // namespace einet::plan
