#include "einet/data/picture.h"

#include <gtest/gtest.h>

#include "data/file_bytes.h"
#include "expect_error.h"

namespace einet::data {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(Picture, DecodesAndConvertsChannels) {
  const Picture colour = decode_picture(ppm_bytes(2, 1, {255, 0, 0, 10, 20, 30}), 3, "p.ppm");
  EXPECT_EQ(colour.width, 2);
  EXPECT_EQ(colour.height, 1);
  EXPECT_EQ(colour.pixels, (Bytes{255, 0, 0, 10, 20, 30}));
  const Picture spread = decode_picture(pgm_bytes(1, 2, {7, 9}), 3, "p.pgm");
  EXPECT_EQ(spread.pixels, (Bytes{7, 7, 7, 9, 9, 9}));
  EXPECT_EQ(decode_picture(ppm_bytes(1, 1, {50, 50, 50}), 1, "p.ppm").pixels, Bytes{50});
}

TEST(Picture, RefusesWhatIsNone) {
  expect_error(ErrorKind::kInvalidData, "a.png: not a picture", [] { decode_picture("no picture", 3, "a.png"); });
  expect_error(ErrorKind::kInvalidData, "b.png: not a picture", [] { decode_picture("", 3, "b.png"); });
  const std::string cut = ppm_bytes(4, 4, Bytes(48, 1)).substr(0, 30);
  expect_error(ErrorKind::kInvalidData, "c.ppm: damaged picture", [&] { decode_picture(cut, 3, "c.ppm"); });
}

TEST(Picture, OfTheRightSizeStaysAsItIs) {
  const Picture picture{.channels = 1, .height = 2, .width = 2, .pixels = {1, 2, 3, 4}};
  EXPECT_EQ(fitted(picture, 2, 2).pixels, picture.pixels);
}

TEST(Picture, FitsTheCentre) {
  // 2 high, 6 wide: the middle 2x2 is kept, evenly 100, and resampled to 4x4; the sides are cut off.
  const Picture wide{.channels = 1, .height = 2, .width = 6, .pixels = {0, 0, 100, 100, 0, 0, 0, 0, 100, 100, 0, 0}};
  EXPECT_EQ(fitted(wide, 4, 4).pixels, Bytes(16, 100));
  const Picture high{.channels = 1, .height = 6, .width = 2, .pixels = {0, 0, 0, 0, 100, 100, 100, 100, 0, 0, 0, 0}};
  EXPECT_EQ(fitted(high, 1, 1).pixels, Bytes{100});
}

TEST(Picture, KeepsGradientsWhenResampled) {
  Picture slope{.channels = 3, .height = 64, .width = 64, .pixels = {}};
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      for (const int value : {2 * x, 2 * y, 200}) slope.pixels.push_back(static_cast<std::uint8_t>(value));
    }
  }
  const Picture half = fitted(slope, 32, 32);
  for (int y = 2; y < 30; ++y) {
    for (int x = 2; x < 30; ++x) {
      const std::uint8_t* pixel = half.pixels.data() + 3 * (32 * y + x);
      EXPECT_NEAR(pixel[0], 4 * x + 1, 1.5);
      EXPECT_NEAR(pixel[1], 4 * y + 1, 1.5);
      EXPECT_EQ(pixel[2], 200);
    }
  }
}

}  // namespace
}  // namespace einet::data
