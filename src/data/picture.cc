#include "einet/data/picture.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "einet/core/error.h"

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

/// Whether a file of this kind ends too early, which the decoder fills up in silence: a pgm or ppm with fewer bytes
/// than pixels; a jpg without an end-of-image marker behind its last start-of-scan marker (neither occurs within a
/// scan).
bool ends_early(std::string_view bytes, std::size_t pixel_bytes) {
  constexpr std::size_t kShortestHeader = 9;  // "P5 1 1 1\n"
  if (bytes.starts_with('P')) return bytes.size() < kShortestHeader + pixel_bytes;
  if (!bytes.starts_with("\xFF\xD8")) return false;
  const std::size_t scan = bytes.rfind("\xFF\xDA");
  return scan == std::string_view::npos || bytes.find("\xFF\xD9", scan) == std::string_view::npos;
}

}  // namespace

Picture decode_picture(std::string_view bytes, int channels, const std::string& name) {
  Picture picture{.channels = channels, .height = 0, .width = 0, .pixels = {}};
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int length = static_cast<int>(std::min<std::size_t>(bytes.size(), std::numeric_limits<int>::max()));
  int own_channels = 0;
  if (!stbi_info_from_memory(data, length, &picture.width, &picture.height, &own_channels)) {
    throw Error(ErrorKind::kInvalidData, name, "not a picture that can be read (png, jpg, bmp, pgm, ppm)");
  }
  if (ends_early(bytes, static_cast<std::size_t>(picture.height) * picture.width * own_channels)) {
    throw Error(ErrorKind::kInvalidData, name, "damaged picture: it ends too early");
  }
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(data, length, &picture.width, &picture.height, &own_channels, channels), stbi_image_free);
  if (!pixels) throw Error(ErrorKind::kInvalidData, name, std::string("damaged picture: ") + stbi_failure_reason());
  const auto size = static_cast<std::size_t>(picture.height) * picture.width * channels;
  picture.pixels.assign(pixels.get(), pixels.get() + size);
  return picture;
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
  Picture result{.channels = picture.channels, .height = height, .width = width, .pixels = {}};
  result.pixels.resize(static_cast<std::size_t>(height) * width * picture.channels);
  if (!stbir_resize_uint8(picture.pixels.data() + top * row + left * picture.channels, part_width, part_height,
                          static_cast<int>(row), result.pixels.data(), width, height, 0, picture.channels)) {
    throw Error(ErrorKind::kInternal, "picture", "cannot be resampled");
  }
  return result;
}

}  // namespace einet::data
