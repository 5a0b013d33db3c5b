#pragma once

#include <cstdint>
#include <span>

namespace einet::train {

/// sum[i] = parts[0][i] + parts[1][i] + … for `count` values, all bfloat16 or all float; added in float, in this order,
/// and rounded once. `sum` may be one of the parts.
void add_all(std::span<const void* const> parts, std::int64_t count, bool bf16, void* sum);

}  // namespace einet::train
