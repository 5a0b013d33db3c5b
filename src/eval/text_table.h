#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "eval/method.h"
#include "policy/estimate.h"

// Cells of tables on a terminal, shared by reports and comparisons.
namespace einet::eval {

/// std::snprintf() to a string of at most 199 bytes.
template <class... Args>
std::string format(const char* pattern, Args... args) {
  char text[200];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

/// "83.12 ±0.31", in per cent, the mean by `pattern`; "83.12 ±-" if the error is unknown.
inline std::string percent(const policy::Estimate& estimate, const char* pattern = "%6.2f ±") {
  const std::string mean = format(pattern, 100 * estimate.mean);
  return mean + (std::isnan(estimate.standard_error) ? "-" : format("%.2f", 100 * estimate.standard_error));
}

/// Pads to `width` characters on the screen: bytes of a UTF-8 sequence after its first take no room.
inline std::string padded(std::string text, int width) {
  const auto shown = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  if (shown < width) text.append(static_cast<std::size_t>(width - shown), ' ');
  return text;
}

inline const char* name_of(Protocol protocol) { return protocol == Protocol::kHeldOut ? "held-out" : "same-samples"; }

}  // namespace einet::eval
