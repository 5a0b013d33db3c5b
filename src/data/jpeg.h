#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "einet/data/picture.h"

namespace einet::data {

/// Whether these are the bytes of a jpg.
bool is_jpeg(std::string_view bytes);

/// [height,width,channels], 1 = grey or 3 = colour as the file has it, to the bit what Pillow decodes. Nothing for the
/// colours of a printer (CMYK). Throws kInvalidData naming `name` for a damaged picture or one of another size.
std::optional<std::vector<std::uint8_t>> decode_jpeg(std::string_view bytes, PictureSize size, int channels,
                                                     const std::string& name);

}  // namespace einet::data
