#pragma once

#include <nlohmann/json_fwd.hpp>

namespace einet::cli {

/// Writes `json` and a newline to standard output, indented. NaN and infinity become null; bytes that are not UTF-8,
/// which file names may contain, become U+FFFD.
void print_json(const nlohmann::json& json);

/// The same on a single line, flushed at once: for output that is read while the command runs.
void print_json_line(const nlohmann::json& json);

}  // namespace einet::cli
