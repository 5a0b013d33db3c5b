#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "data/picture.h"

namespace einet::data {

/// Whether these are the bytes of a binary pgm or ppm.
bool is_pnm(std::string_view bytes);

struct PnmHeader {
  PictureSize size;       ///< 0x0 if the header is damaged.
  int channels = 1;       ///< 1 = grey, 3 = colour.
  int white = 255;        ///< The value of white, such as 4095 for a 12-bit camera.
  std::size_t bytes = 0;  ///< Length of the header.

  int bits() const { return white > 255 ? 16 : 8; }
};

PnmHeader pnm_header(std::string_view bytes);

/// [height,width,channels], scaled to the full range of 8 or 16 bits; empty if the file ends too early. T is
/// std::uint8_t for 8 bits and std::uint16_t for 16.
template <class T>
std::vector<T> decode_pnm(std::string_view bytes, const PnmHeader& header);

}  // namespace einet::data
