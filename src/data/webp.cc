#include "data/webp.h"

#include <webp/decode.h>

#include <algorithm>

#include "einet/error.h"

namespace einet::data {
namespace {

constexpr std::size_t kRiffHeader = 12;  // "RIFF", the length of the rest, "WEBP".
constexpr std::size_t kChunkHeader = 8;  // The type and the length of the rest.

const std::uint8_t* webp_data(std::string_view bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }

std::size_t little_endian_32(std::string_view bytes) {
  std::size_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

void check(VP8StatusCode status, const std::string& name) {
  if (status == VP8_STATUS_OK) return;
  const bool early = status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED;
  const bool memory = status == VP8_STATUS_OUT_OF_MEMORY;
  throw Error(ErrorKind::kInvalidData, name,
              std::string("damaged picture: ") + (early    ? "it ends too early"
                                                  : memory ? "not enough memory to decode it"
                                                           : "not valid WebP"));
}

}  // namespace

bool is_webp(std::string_view bytes) {
  return bytes.size() >= kRiffHeader && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP";
}

PictureSize webp_size(std::string_view bytes, const std::string& name) {
  WebPBitstreamFeatures features;
  check(WebPGetFeatures(webp_data(bytes), bytes.size(), &features), name);
  if (features.has_animation) {
    throw Error(ErrorKind::kInvalidData, name, "is an animated WebP picture; only still ones are supported");
  }
  return {.height = features.height, .width = features.width};
}

std::vector<std::uint8_t> decode_webp(std::string_view bytes, PictureSize size, const std::string& name) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config))
    throw Error(ErrorKind::kInternal, "libwebp", "is not the version that EINet was compiled for");
  const std::size_t row = static_cast<std::size_t>(size.width) * 3;
  std::vector<std::uint8_t> pixels(row * size.height);
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {.rgba = pixels.data(), .stride = static_cast<int>(row), .size = pixels.size()};
  check(WebPDecode(webp_data(bytes), bytes.size(), &config), name);
  return pixels;
}

std::string_view webp_exif(std::string_view bytes) {
  bytes.remove_prefix(std::min(kRiffHeader, bytes.size()));
  while (bytes.size() >= kChunkHeader) {
    const std::size_t length = little_endian_32(bytes.substr(4));
    if (length > bytes.size() - kChunkHeader) break;
    if (bytes.starts_with("EXIF")) return bytes.substr(kChunkHeader, length);
    bytes.remove_prefix(std::min(kChunkHeader + length + length % 2, bytes.size()));
  }
  return {};
}

}  // namespace einet::data
