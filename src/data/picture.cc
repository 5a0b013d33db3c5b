#include "einet/data/picture.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>

#include "einet/core/error.h"
#include "jpeg.h"
#include "orientation.h"
#include "pnm.h"
#include "webp.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_MAX_DIMENSIONS 16384
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wcast-qual"
#include <stb/stb_image.h>
#include <stb/stb_image_resize.h>
#pragma GCC diagnostic pop

namespace einet::data {
namespace {

constexpr int kScale8To16 = 257;  // 255 * 257 = 65535.

const stbi_uc* data_of(std::string_view bytes) { return reinterpret_cast<const stbi_uc*>(bytes.data()); }

int length_of(std::string_view bytes) {
  return static_cast<int>(std::min<std::size_t>(bytes.size(), std::numeric_limits<int>::max()));
}

/// What a file's header says, before the orientation is applied.
struct Header {
  int height = 0;
  int width = 0;
  int channels = 0;
  int bits = 8;

  std::int64_t pixels() const { return std::int64_t{height} * width; }
  std::size_t bytes() const { return static_cast<std::size_t>(pixels()) * channels * (bits / 8); }
};

Header read_header(std::string_view bytes, const std::string& name) {
  Header header;
  if (is_webp(bytes)) {
    const PictureSize size = webp_size(bytes, name);
    header = {.height = size.height, .width = size.width, .channels = 3};
  } else if (!stbi_info_from_memory(data_of(bytes), length_of(bytes), &header.width, &header.height,
                                    &header.channels) ||
             header.width < 1 || header.height < 1) {
    throw Error(ErrorKind::kInvalidData, name, "not a picture that can be read (png, jpg, webp, bmp, pgm, ppm)");
  }
  if (header.pixels() > kMaxPicturePixels) {
    throw Error(ErrorKind::kInvalidData, name,
                "the picture is " + std::to_string(header.height) + "x" + std::to_string(header.width) +
                    " (height x width); at most " + std::to_string(kMaxPicturePixels / 1'000'000) +
                    " million pixels are read");
  }
  if (!is_webp(bytes) && stbi_is_16_bit_from_memory(data_of(bytes), length_of(bytes))) header.bits = 16;
  return header;
}

/// Whether a file ends too early, which the decoder does not report: a pgm or ppm with fewer bytes than pixels; a jpg
/// without an end-of-image marker after its last start-of-scan marker (neither occurs within a scan).
bool ends_early(std::string_view bytes, std::size_t pixel_bytes) {
  constexpr std::size_t kShortestHeader = 9;  // "P5 1 1 1\n"
  if (is_pnm(bytes)) return bytes.size() < kShortestHeader + pixel_bytes;
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

template <class T>
using Decoded = std::unique_ptr<T, void (*)(void*)>;

template <class T>
void require_decoded(const Decoded<T>& pixels, const std::string& name) {
  if (!pixels) throw Error(ErrorKind::kInvalidData, name, std::string("damaged picture: ") + stbi_failure_reason());
}

/// Values of 0..65535, in `channels` channels.
std::vector<std::uint16_t> decode_16_bits(std::string_view bytes, const Header& header, int channels,
                                          const std::string& name) {
  const auto pixels = static_cast<std::size_t>(header.pixels());
  int width = 0, height = 0, own = 0;
  const Decoded<std::uint16_t> stored(
      stbi_load_16_from_memory(data_of(bytes), length_of(bytes), &width, &height, &own, 0), stbi_image_free);
  require_decoded(stored, name);
  if (is_pnm(bytes) && std::endian::native == std::endian::little) {  // stb_image leaves these as the file has them.
    for (std::size_t i = 0; i < pixels * own; ++i) {
      stored.get()[i] = static_cast<std::uint16_t>(stored.get()[i] >> 8 | stored.get()[i] << 8);
    }
  }
  return converted(stored.get(), pixels, own, channels, 1);
}

/// The same of a file of 8 bits.
std::vector<std::uint16_t> decode_8_bits(std::string_view bytes, const Header& header, int channels,
                                         const std::string& name) {
  const auto pixels = static_cast<std::size_t>(header.pixels());
  const PictureSize size{.height = header.height, .width = header.width};
  if (is_webp(bytes)) {
    return converted(decode_webp(bytes, size, name).data(), pixels, header.channels, channels, kScale8To16);
  }
  if (is_jpeg(bytes)) {
    const auto stored = decode_jpeg(bytes, size, header.channels, name);
    if (stored) return converted(stored->data(), pixels, header.channels, channels, kScale8To16);
  }
  int width = 0, height = 0, own = 0;
  const Decoded<std::uint8_t> stored(stbi_load_from_memory(data_of(bytes), length_of(bytes), &width, &height, &own, 0),
                                     stbi_image_free);
  require_decoded(stored, name);
  return converted(stored.get(), pixels, own, channels, kScale8To16);
}

}  // namespace

PictureSize picture_size(std::string_view bytes, const std::string& name) {
  const Header header = read_header(bytes, name);
  if (is_transposed(exif_orientation(bytes))) return {.height = header.width, .width = header.height};
  return {.height = header.height, .width = header.width};
}

Picture decode_picture(std::string_view bytes, int channels, const std::string& name) {
  const Header header = read_header(bytes, name);
  if (ends_early(bytes, header.bytes())) {
    throw Error(ErrorKind::kInvalidData, name, "damaged picture: it ends too early");
  }
  Picture picture{
      .channels = channels, .height = header.height, .width = header.width, .bits = header.bits, .pixels = {}};
  picture.pixels =
      header.bits == 16 ? decode_16_bits(bytes, header, channels, name) : decode_8_bits(bytes, header, channels, name);
  if (is_pnm(bytes)) stretch_pnm(bytes, picture);
  return upright(std::move(picture), exif_orientation(bytes));
}

Picture fitted(const Picture& picture, int height, int width) {
  if (picture.height == height && picture.width == width) return picture;
  // The part that is kept is as wide or as high as the picture.
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
