#include <algorithm>

#include "data/picture.h"
#include "data/resample.h"
#include "einet/error.h"

namespace einet::data {
namespace {

/// Like torchvision's Resize: if only one side is given, the other is rounded down.
PictureSize resized(const Picture& picture, const std::vector<int>& sides) {
  if (sides.empty()) return {.height = picture.height, .width = picture.width};
  if (sides.size() == 2) return {.height = sides[0], .width = sides[1]};
  const auto longer = [&](int length, int shorter) {
    return static_cast<int>(std::int64_t{sides[0]} * length / shorter);
  };
  if (picture.width <= picture.height) return {.height = longer(picture.height, picture.width), .width = sides[0]};
  return {.height = sides[0], .width = longer(picture.width, picture.height)};
}

/// One side of a CenterCrop: the part of the picture that is kept, and the amount of black before it.
struct Kept {
  Range range;
  int before = 0;
};

Kept kept_of(int side, int crop) {
  if (crop >= side) return {{0, side}, (crop - side) / 2};
  int first = (side - crop) / 2;
  if ((side - crop) % 2 == 1 && first % 2 == 1) ++first;  // Like Python's round(): ties to even.
  return {{first, crop}, 0};
}

}  // namespace

Picture prepared(const Picture& picture, const Preprocessing& preprocessing, int height, int width) {
  if (!preprocessing.given()) return fitted(picture, height, width);
  if (const std::string fault = fault_of(preprocessing, height, width); !fault.empty()) {
    throw Error(ErrorKind::kInternal, "preprocessing", fault);
  }
  const PictureSize size = resized(picture, preprocessing.resize);
  const Kept rows = kept_of(size.height, height);
  const Kept columns = kept_of(size.width, width);
  Picture kept = resampled(picture, size, preprocessing.interpolation, rows.range, columns.range);
  if (kept.height == height && kept.width == width) return kept;
  Picture framed{.channels = kept.channels, .height = height, .width = width, .bits = 8, .pixels = {}};
  framed.pixels.resize(static_cast<std::size_t>(height) * width * kept.channels);
  const std::size_t length = static_cast<std::size_t>(kept.width) * kept.channels;
  for (int y = 0; y < kept.height; ++y) {
    const auto to = (static_cast<std::size_t>(rows.before + y) * width + columns.before) * kept.channels;
    std::copy_n(kept.pixels.data() + y * length, length, framed.pixels.data() + to);
  }
  return framed;
}

}  // namespace einet::data
