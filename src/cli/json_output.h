#pragma once

#include <nlohmann/json_fwd.hpp>

namespace einet::cli {

/// Writes `json` and a line end to standard output, indented. NaN and infinity become null; bytes that are not UTF-8,
/// as names of files may hold, become U+FFFD.
void print_json(const nlohmann::json& json);

/// The same on a line of its own, at once: for output that is read while the command runs.
void print_json_line(const nlohmann::json& json);

}  // namespace einet::cli
