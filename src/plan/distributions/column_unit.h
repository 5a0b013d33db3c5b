#pragma once

#include <optional>
#include <string_view>

namespace einet::plan {

/// The unit, in seconds, in the header of a column of times: 1e-3 for "cut_ms", "time (ms)", "cutMs" and
/// "milliseconds". 1 if there is none; empty if there are two, or the unit is the horizon ("cut_T").
std::optional<double> column_unit(std::string_view header);

}  // namespace einet::plan
