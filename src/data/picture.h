#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/preprocessing.h"

namespace einet::data {

/// A decoded picture, upright: [height, width, channels] in C order. 65535 is white in each channel.
struct Picture {
  int channels = 0;
  int height = 0;
  int width = 0;
  int bits = 8;  ///< Precision of the file, 8 or 16; with 8 every value is a multiple of 257.
  std::vector<std::uint16_t> pixels;
};

/// A value of a Picture in 8 bits, rounded; exact for files with 8 bits.
constexpr std::uint8_t to_byte(std::uint16_t value) { return static_cast<std::uint8_t>((value + 128) / 257); }

/// Pictures with more pixels or a side above 65535 are rejected; decoding one would take a gigabyte.
constexpr std::int64_t kMaxPicturePixels = 100'000'000;

struct PictureSize {
  int height = 0;
  int width = 0;
};

/// The size of a picture as decode_picture() returns it, from its header alone. Throws kInvalidData naming `name` if it
/// is not a supported picture, or too large.
PictureSize picture_size(std::string_view bytes, const std::string& name);

/// Decodes png, jpg, webp, bmp, pgm or ppm to `channels` channels (1 = grey, 3 = colour). Throws what picture_size()
/// throws, and kInvalidData for a damaged picture.
///
/// Channels are converted as by Pillow's `convert("L")` and `convert("RGB")`, which torchvision's ImageFolder uses:
/// alpha is dropped, not blended with a background; grey is (299 R + 587 G + 114 B) / 1000. Unlike torchvision, this
/// keeps 16 bits per channel and applies the EXIF orientation of a jpg, png or webp; a damaged EXIF block is ignored.
Picture decode_picture(std::string_view bytes, int channels, const std::string& name);

/// The largest centred part of `picture` with the aspect ratio height:width, resampled to that size. A picture of that
/// size is returned unchanged. The precision is kept.
Picture fitted(const Picture& picture, int height, int width);

/// `picture` converted to a network's input of height x width. With `preprocessing`: in 8 bits and like torchvision on
/// Pillow images (the padding of CenterCrop is black); without any, fitted(). fault_of() must find nothing.
Picture prepared(const Picture& picture, const Preprocessing& preprocessing, int height, int width);

}  // namespace einet::data
