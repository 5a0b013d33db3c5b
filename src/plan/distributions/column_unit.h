#pragma once

#include <optional>
#include <string_view>

namespace einet::plan {

/// The unit, in seconds, that the header of a column of times names: 1e-3 for "cut_ms", "time (ms)", "cutMs" and
/// "milliseconds". 1 where it names none; nothing where it names two, or horizons ("cut_T").
std::optional<double> column_unit(std::string_view header);

}  // namespace einet::plan
