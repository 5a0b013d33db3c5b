#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/picture.h"

namespace einet::data {

/// Whether these are the bytes of a WebP picture.
bool is_webp(std::string_view bytes);

/// The size of a WebP picture from its header. Throws kInvalidData naming `name` for damaged and animated pictures.
PictureSize webp_size(std::string_view bytes, const std::string& name);

/// Red, green and blue of every pixel of a WebP picture of this size; alpha is dropped. Throws kInvalidData.
std::vector<std::uint8_t> decode_webp(std::string_view bytes, PictureSize size, const std::string& name);

/// The content of the EXIF chunk of a WebP picture; "" if there is none.
std::string_view webp_exif(std::string_view bytes);

}  // namespace einet::data
