#pragma once

#include <cstdint>
#include <string_view>

namespace einet::data {

/// The number in the first four of `bytes`, most significant first. Requires that many.
inline std::uint32_t big_endian_32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace einet::data
