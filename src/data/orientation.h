#pragma once

#include <string_view>

#include "data/picture.h"

namespace einet::data {

/// The EXIF orientation (tag 274) of a jpg, png or webp: how its stored rows and columns are displayed, 1 to 8.
/// 1, as stored, if there is none or the EXIF block is damaged.
int exif_orientation(std::string_view bytes);

/// Whether this orientation exchanges width and height.
inline bool is_transposed(int orientation) { return orientation >= 5; }

/// `stored` in its display orientation.
Picture upright(Picture stored, int orientation);

}  // namespace einet::data
