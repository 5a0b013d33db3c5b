#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "einet/core/time.h"

namespace einet::cli {

/// "3ms", "250us", "0.5s", "2m", "1h". Throws kUsage on anything else, and on what is not positive and finite.
Seconds parse_duration(const std::string& text);

/// "1x28x28" -> {1, 28, 28}. Throws kUsage unless there are `count` positive integers.
std::vector<int> parse_sizes(const std::string& text, std::size_t count);

/// The shape of an input, with or without its batch: "3x224x224" -> {3, 224, 224}. Throws kUsage unless it is positive
/// integers joined by 'x' or ','.
std::vector<std::int64_t> parse_shape(const std::string& text);

/// {"blocks=12", "step=1"} -> map. Throws kUsage on an item without '='.
std::map<std::string, std::string> parse_settings(const std::vector<std::string>& items);

/// 0.00123 -> "1.23 ms": three significant digits, unit by size.
std::string format_seconds(double seconds);

/// 1234567 -> "1.23 M".
std::string format_count(double count);

}  // namespace einet::cli
