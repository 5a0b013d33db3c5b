#include "data/picture.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "data/jpeg.h"
#include "data/orientation.h"
#include "data/pnm.h"
#include "data/webp.h"
#include "einet/error.h"

// Only these formats, because files are untrusted: the other decoders of stb_image have known vulnerabilities.
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS 16384
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
// A PNG chunk of length 0 makes stb_image copy 0 bytes to a null pointer: formally undefined, but harmless in practice.
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("nonnull-attribute"))), apply_to = function)
#endif
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wcast-qual"
#include <stb/stb_image.h>
#include <stb/stb_image_resize.h>
#pragma GCC diagnostic pop
#ifdef __clang__
#pragma clang attribute pop
#endif

namespace einet::data {
namespace {

constexpr int kScale8To16 = 257;  // 255 * 257 = 65535.

const stbi_uc* stbi_data(std::string_view bytes) { return reinterpret_cast<const stbi_uc*>(bytes.data()); }

int stbi_length(std::string_view bytes) {
  return static_cast<int>(std::min<std::size_t>(bytes.size(), std::numeric_limits<int>::max()));
}

constexpr int kMaxSide = 65535;

/// The size in a file's header, before the orientation is applied.
struct Header {
  int height = 0;
  int width = 0;
  int channels = 0;
  int bits = 8;

  std::int64_t pixels() const { return std::int64_t{height} * width; }
};

Header read_header(std::string_view bytes, const std::string& name) {
  Header header;
  if (is_webp(bytes)) {
    const PictureSize size = webp_size(bytes, name);
    header = {.height = size.height, .width = size.width, .channels = 3};
  } else if (is_jpeg(bytes)) {
    const auto [size, channels] = jpeg_header(bytes, name);
    header = {.height = size.height, .width = size.width, .channels = channels};
  } else if (is_pnm(bytes)) {
    const PnmHeader pnm = pnm_header(bytes);
    header = {.height = pnm.size.height, .width = pnm.size.width, .channels = pnm.channels, .bits = pnm.bits()};
  } else if (stbi_info_from_memory(stbi_data(bytes), stbi_length(bytes), &header.width, &header.height,
                                   &header.channels) &&
             stbi_is_16_bit_from_memory(stbi_data(bytes), stbi_length(bytes))) {
    header.bits = 16;
  }
  if (header.width < 1 || header.height < 1) {
    throw Error(ErrorKind::kInvalidData, name, "not a picture in a supported format (png, jpg, webp, bmp, pgm, ppm)");
  }
  if (header.pixels() > kMaxPicturePixels || std::max(header.width, header.height) > kMaxSide) {
    throw Error(ErrorKind::kInvalidData, name,
                "the picture is " + std::to_string(header.height) + "x" + std::to_string(header.width) +
                    " (height x width); at most " + std::to_string(kMaxPicturePixels / 1'000'000) +
                    " million pixels and " + std::to_string(kMaxSide) + " per side are supported");
  }
  return header;
}

/// Whether a jpg ends too early, which the decoder does not always report: there is no end-of-image marker after its
/// last start-of-scan marker (neither occurs within a scan).
bool ends_early(std::string_view bytes) {
  if (!is_jpeg(bytes)) return false;
  const std::size_t scan = bytes.rfind("\xFF\xDA");
  return scan == std::string_view::npos || bytes.find("\xFF\xD9", scan) == std::string_view::npos;
}

/// Pillow's weights of red, green and blue, in 1/65536.
template <class T>
T grey_of(const T* rgb) {
  const std::uint64_t sum =
      std::uint64_t{19595} * rgb[0] + std::uint64_t{38470} * rgb[1] + std::uint64_t{7471} * rgb[2];
  return static_cast<T>((sum + 0x8000) >> 16);
}

/// [pixels, from] -> [pixels, to] channels: 1 = grey, 2 = grey and alpha, 3 = colour, 4 = colour and alpha. Each value
/// is multiplied by `scale`.
template <class T>
std::vector<std::uint16_t> converted(const T* stored, std::size_t pixels, int from, int to, int scale) {
  std::vector<std::uint16_t> values(pixels * to);
  std::uint16_t* out = values.data();
  for (std::size_t i = 0; i < pixels; ++i, stored += from, out += to) {
    for (int c = 0; c < to; ++c) {
      const T value = from < 3 ? stored[0] : to == 1 ? grey_of(stored) : stored[c];
      out[c] = static_cast<std::uint16_t>(value * scale);
    }
  }
  return values;
}

[[noreturn]] void fail(const std::string& name, const std::string& why) {
  throw Error(ErrorKind::kInvalidData, name, "damaged picture: " + why);
}

/// [height, width, channels] as in the file, from a decoder that returns T.
template <class T, class Decode>
std::vector<T> decode_with_stb(Decode decode, std::string_view bytes, const Header& header, const std::string& name) {
  int width = 0, height = 0, channels = 0;
  const std::unique_ptr<T, void (*)(void*)> stored(
      decode(stbi_data(bytes), stbi_length(bytes), &width, &height, &channels, header.channels), stbi_image_free);
  if (!stored) fail(name, stbi_failure_reason());
  if (width != header.width || height != header.height) fail(name, "its size is stated twice, with different values");
  return {stored.get(), stored.get() + header.pixels() * header.channels};
}

std::vector<std::uint16_t> decode_16_bits(std::string_view bytes, const Header& header, const std::string& name) {
  if (is_pnm(bytes)) return decode_pnm<std::uint16_t>(bytes, pnm_header(bytes));
  return decode_with_stb<std::uint16_t>(stbi_load_16_from_memory, bytes, header, name);
}

std::vector<std::uint8_t> decode_8_bits(std::string_view bytes, const Header& header, const std::string& name) {
  if (is_pnm(bytes)) return decode_pnm<std::uint8_t>(bytes, pnm_header(bytes));
  if (is_webp(bytes)) return decode_webp(bytes, {.height = header.height, .width = header.width}, name);
  if (is_jpeg(bytes)) return decode_jpeg(bytes, name);
  return decode_with_stb<std::uint8_t>(stbi_load_from_memory, bytes, header, name);
}

}  // namespace

PictureSize picture_size(std::string_view bytes, const std::string& name) {
  const Header header = read_header(bytes, name);
  if (is_transposed(exif_orientation(bytes))) return {.height = header.width, .width = header.height};
  return {.height = header.height, .width = header.width};
}

Picture decode_picture(std::string_view bytes, int channels, const std::string& name) {
  const Header header = read_header(bytes, name);
  if (ends_early(bytes)) fail(name, "it ends too early");
  Picture picture{
      .channels = channels, .height = header.height, .width = header.width, .bits = header.bits, .pixels = {}};
  const auto take = [&](const auto& stored, int scale) {
    if (stored.empty()) fail(name, "it ends too early");
    picture.pixels =
        converted(stored.data(), static_cast<std::size_t>(header.pixels()), header.channels, channels, scale);
  };
  if (header.bits == 16) {
    take(decode_16_bits(bytes, header, name), 1);
  } else {
    take(decode_8_bits(bytes, header, name), kScale8To16);
  }
  return upright(std::move(picture), exif_orientation(bytes));
}

Picture fitted(const Picture& picture, int height, int width) {
  if (picture.height == height && picture.width == width) return picture;
  // The remaining part is as wide or as high as the picture.
  const std::int64_t by_height = std::int64_t{picture.height} * width / height;
  const std::int64_t by_width = std::int64_t{picture.width} * height / width;
  const int part_width = static_cast<int>(std::max<std::int64_t>(1, std::min<std::int64_t>(picture.width, by_height)));
  const int part_height = static_cast<int>(std::max<std::int64_t>(1, std::min<std::int64_t>(picture.height, by_width)));
  const auto left = static_cast<std::size_t>((picture.width - part_width) / 2);
  const auto top = static_cast<std::size_t>((picture.height - part_height) / 2);
  const std::size_t row = static_cast<std::size_t>(picture.width) * picture.channels;
  Picture result{.channels = picture.channels, .height = height, .width = width, .bits = picture.bits, .pixels = {}};
  result.pixels.resize(static_cast<std::size_t>(height) * width * picture.channels);
  if (!stbir_resize_uint16_generic(picture.pixels.data() + top * row + left * picture.channels, part_width, part_height,
                                   static_cast<int>(row * sizeof(std::uint16_t)), result.pixels.data(), width, height,
                                   0, picture.channels, STBIR_ALPHA_CHANNEL_NONE, 0, STBIR_EDGE_CLAMP,
                                   STBIR_FILTER_DEFAULT, STBIR_COLORSPACE_LINEAR, nullptr)) {
    throw Error(ErrorKind::kInternal, "picture", "cannot be resampled");
  }
  if (picture.bits == 8) {
    for (std::uint16_t& value : result.pixels) {
      value = static_cast<std::uint16_t>(to_byte(value) * kScale8To16);
    }
  }
  return result;
}

}  // namespace einet::data
