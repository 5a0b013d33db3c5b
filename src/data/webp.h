#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/picture.h"

namespace einet::data {

/// Whether these are the bytes of a WebP picture.
bool is_webp(std::string_view bytes);

/// The size of a WebP picture by its header. Throws kInvalidData naming `name` for a damaged and for an animated one.
PictureSize webp_size(std::string_view bytes, const std::string& name);

/// Red, green and blue of every pixel of a WebP picture of this size; alpha is dropped. Throws kInvalidData.
std::vector<std::uint8_t> decode_webp(std::string_view bytes, PictureSize size, const std::string& name);

/// The content of the EXIF chunk of a WebP picture; "" where there is none.
std::string_view webp_exif(std::string_view bytes);

}  // namespace einet::data
