#pragma once

#include <string_view>

#include "einet/data/picture.h"

namespace einet::data {

/// Whether these are the bytes of a binary pgm or ppm.
bool is_pnm(std::string_view bytes);

/// Brings a decoded pgm or ppm to the full range: its header gives the value that is white, such as 4095 for a camera
/// of 12 bits, and the decoder ignores it.
void stretch_pnm(std::string_view bytes, Picture& picture);

}  // namespace einet::data
