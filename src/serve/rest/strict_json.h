#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace einet::serve {

/// Parses a JSON object, more strictly than nlohmann::json::parse(): a duplicate member and more than kMostDepth nested
/// values are errors, because other parsers on the way may read such a document differently, or run out of stack.
/// Throws RequestError kInvalid with one sentence.
nlohmann::json parse_object(std::string_view text);

inline constexpr std::size_t kMostDepth = 16;

}  // namespace einet::serve
