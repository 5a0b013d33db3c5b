#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace einet::data {

/// A decoded picture: 8 bits, [height, width, channels] in C order, as decoders give it.
struct Picture {
  int channels = 0;
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> pixels;
};

/// Decodes png, jpg, bmp, pgm or ppm to `channels` channels (1 = grey, 3 = colour, converted where the file has
/// others). Throws kInvalidData naming `name`: no such picture, or a damaged one.
Picture decode_picture(std::string_view bytes, int channels, const std::string& name);

/// The largest centred part of `picture` with the proportions height:width, resampled to that size. One of this size
/// stays as it is.
Picture fitted(const Picture& picture, int height, int width);

}  // namespace einet::data
