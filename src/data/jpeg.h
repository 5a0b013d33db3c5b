#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/picture.h"

namespace einet::data {

/// Whether these are the bytes of a jpg.
bool is_jpeg(std::string_view bytes);

struct JpegHeader {
  PictureSize size;
  int channels = 3;  ///< 1 = grey, 3 = colour.
};

/// Throws kInvalidData naming `name` for a damaged header.
JpegHeader jpeg_header(std::string_view bytes, const std::string& name);

/// [height,width,channels] as in the header, bit-identical to Pillow; CMYK is converted to red, green and blue. Throws
/// kInvalidData for a damaged picture.
std::vector<std::uint8_t> decode_jpeg(std::string_view bytes, const std::string& name);

}  // namespace einet::data
