// Any bytes as a picture: the result must be a clear error, or a picture of the size in its header that can be
// converted to the size of a network's input.

#include "data/picture.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "einet/error.h"

using namespace einet;
using namespace einet::data;

namespace {

constexpr std::int64_t kMostPixels = 1 << 20;  // So that an input takes milliseconds.

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Picture& picture, int channels, int height, int width) {
  require(picture.channels == channels && picture.height == height && picture.width == width);
  require(picture.pixels.size() == static_cast<std::size_t>(height) * width * channels);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const PictureSize found = picture_size(bytes, "fuzz");
    require(found.height > 0 && found.width > 0);
    const std::int64_t pixels = std::int64_t{found.height} * found.width;
    require(pixels <= kMaxPicturePixels);
    if (pixels > kMostPixels) return 0;
    for (const int channels : {1, 3}) {
      const Picture picture = decode_picture(bytes, channels, "fuzz");
      check(picture, channels, found.height, found.width);
      check(prepared(picture, {}, 7, 5), channels, 7, 5);
      check(prepared(picture, {.resize = {9}, .crop = {7, 5}, .interpolation = Interpolation::kBicubic}, 7, 5),
            channels, 7, 5);
      check(prepared(picture, {.crop = {7, 5}}, 7, 5), channels, 7, 5);
    }
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kInvalidData);
  }
  return 0;
}
