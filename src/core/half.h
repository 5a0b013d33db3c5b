#pragma once

#include <cstdint>

namespace einet {

/// IEEE 754 binary16 as its bits. Exact.
float half_to_float(std::uint16_t half) noexcept;

/// Rounds to nearest, ties to even; values of 65520 and above become infinite, NaN stays NaN.
std::uint16_t float_to_half(float value) noexcept;

/// bfloat16 (the upper half of a float) as its bits. Exact.
float bfloat16_to_float(std::uint16_t bits) noexcept;

/// Rounds to nearest, ties to even; NaN stays NaN.
std::uint16_t float_to_bfloat16(float value) noexcept;

}  // namespace einet
