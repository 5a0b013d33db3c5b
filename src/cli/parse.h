#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/duration.h"
#include "einet/time.h"

namespace einet::cli {

/// einet::parse_time() of a time above 0, such as "3ms" or "0.5T". Throws kUsage.
Duration parse_positive_time(const std::string& text);

/// The same in seconds; throws kUsage for "0.5T" too.
Seconds parse_duration(const std::string& text);

/// "1x28x28" -> {1, 28, 28}. Throws kUsage unless there are `count` positive integers.
std::vector<int> parse_sizes(const std::string& text, std::size_t count);

/// The shape of an input, with or without its batch: "3x224x224" -> {3, 224, 224}. Throws kUsage unless it consists of
/// positive integers joined by 'x' or ','.
std::vector<std::int64_t> parse_shape(const std::string& text);

/// {"blocks=12", "step=1"} -> map. Throws kUsage for an item without '='.
std::map<std::string, std::string> parse_settings(const std::vector<std::string>& items);

/// 0.00123 -> "1.23 ms": three significant digits, unit by size.
std::string format_seconds(double seconds);

/// 1234567 -> "1.23 M".
std::string format_count(double count);

}  // namespace einet::cli
