#include "data/picture.h"

#include <gtest/gtest.h>

#include "data/file_bytes.h"
#include "expect_error.h"
#include "io/file.h"

namespace einet::data {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Words = std::vector<std::uint16_t>;

Bytes bytes_of(const Picture& picture) {
  Bytes bytes;
  for (const std::uint16_t value : picture.pixels) bytes.push_back(to_byte(value));
  return bytes;
}

/// A picture of 8 bits.
Picture picture_of(int channels, int height, int width, const Bytes& bytes) {
  Picture picture{.channels = channels, .height = height, .width = width, .pixels = {}};
  for (const std::uint8_t byte : bytes) picture.pixels.push_back(static_cast<std::uint16_t>(257 * byte));
  return picture;
}

TEST(Picture, DecodesAndConvertsChannels) {
  const Picture colour = decode_picture(ppm_bytes(2, 1, {255, 0, 0, 10, 20, 30}), 3, "p.ppm");
  EXPECT_EQ(colour.width, 2);
  EXPECT_EQ(colour.height, 1);
  EXPECT_EQ(bytes_of(colour), (Bytes{255, 0, 0, 10, 20, 30}));
  const Picture spread = decode_picture(pgm_bytes(1, 2, {7, 9}), 3, "p.pgm");
  EXPECT_EQ(bytes_of(spread), (Bytes{7, 7, 7, 9, 9, 9}));
  EXPECT_EQ(bytes_of(decode_picture(ppm_bytes(1, 1, {50, 50, 50}), 1, "p.ppm")), Bytes{50});
}

TEST(Picture, WeightsColoursLikePillow) {
  // (19595 R + 38470 G + 7471 B + 32768) / 65536, rounded down: Image.convert("L") of these pixels.
  const auto grey = [](const Bytes& rgb) { return bytes_of(decode_picture(ppm_bytes(1, 1, rgb), 1, "p.ppm")).at(0); };
  EXPECT_EQ(grey({255, 0, 0}), 76);
  EXPECT_EQ(grey({0, 255, 0}), 150);
  EXPECT_EQ(grey({0, 0, 255}), 29);
  EXPECT_EQ(grey({10, 20, 30}), 18);
  EXPECT_EQ(grey({255, 255, 255}), 255);
}

TEST(Picture, DropsAlpha) {
  const std::string grey = png_bytes(2, 1, 2, 8, {10, 0, 20, 128});
  EXPECT_EQ(bytes_of(decode_picture(grey, 1, "p.png")), (Bytes{10, 20}));
  EXPECT_EQ(bytes_of(decode_picture(grey, 3, "p.png")), (Bytes{10, 10, 10, 20, 20, 20}));
  const std::string colour = png_bytes(2, 1, 4, 8, {1, 2, 3, 0, 4, 5, 6, 255});
  EXPECT_EQ(bytes_of(decode_picture(colour, 3, "p.png")), (Bytes{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(bytes_of(decode_picture(png_bytes(1, 1, 4, 8, {255, 0, 0, 0}), 1, "p.png")), Bytes{76});
}

TEST(Picture, KeepsSixteenBits) {
  const Words values = {0, 1, 255, 256, 32768, 65535};
  for (const std::string& bytes : {png_bytes(3, 2, 1, 16, values), pgm_16_bytes(3, 2, values)}) {
    const Picture picture = decode_picture(bytes, 1, "p");
    EXPECT_EQ(picture.bits, 16);
    EXPECT_EQ(picture.pixels, values);
    EXPECT_EQ(bytes_of(picture), (Bytes{0, 0, 1, 1, 128, 255}));  // Rounded, not truncated.
  }
  EXPECT_EQ(decode_picture(png_bytes(1, 1, 4, 16, {1000, 2000, 3000, 5}), 3, "p").pixels, (Words{1000, 2000, 3000}));
  EXPECT_EQ(decode_picture(png_bytes(1, 1, 3, 16, {1000, 1000, 1000}), 1, "p").pixels, Words{1000});
  EXPECT_EQ(fitted(decode_picture(pgm_16_bytes(2, 2, Words(4, 1000)), 1, "p"), 3, 3).pixels, Words(9, 1000));
  EXPECT_EQ(decode_picture(png_bytes(1, 1, 1, 8, {3}), 1, "p").pixels, Words{3 * 257});
}

TEST(Picture, ScalesTheRangeOfAPnm) {
  using namespace std::string_literals;
  const auto pixels = [](const std::string& bytes) { return decode_picture(bytes, 1, "p.pgm").pixels; };
  EXPECT_EQ(pixels("P5 3 1 100\n\x00\x32\x64"s), (Words{0, 128 * 257, 65535}));
  EXPECT_EQ(pixels("P5\n# a 12-bit camera\n3 1\n4095\n\x00\x00\x08\x00\x0F\xFF"s), (Words{0, 32776, 65535}));
  EXPECT_EQ(pixels("P5 1 1 100\n\xC8"s), Words{65535});  // Above white.
  EXPECT_EQ(bytes_of(decode_picture("P6 1 1 15\n\x0F\x00\x05"s, 3, "p.ppm")), (Bytes{255, 0, 85}));
}

TEST(Picture, AppliesTheExifOrientation) {
  // Stored: 1 2 / 3 4 / 5 6.
  const struct {
    int height, width;
    Bytes shown;
  } kShown[] = {
      {3, 2, {1, 2, 3, 4, 5, 6}}, {3, 2, {2, 1, 4, 3, 6, 5}},  // as stored; mirrored left to right
      {3, 2, {6, 5, 4, 3, 2, 1}}, {3, 2, {5, 6, 3, 4, 1, 2}},  // half a turn; mirrored top to bottom
      {2, 3, {1, 3, 5, 2, 4, 6}}, {2, 3, {5, 3, 1, 6, 4, 2}},  // transposed; a quarter clockwise
      {2, 3, {6, 4, 2, 5, 3, 1}}, {2, 3, {2, 4, 6, 1, 3, 5}},  // the other diagonal; a quarter counter-clockwise
  };
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      const std::string exif = png_chunk("eXIf", exif_orientation_bytes(orientation, big_endian));
      const std::string png = png_bytes(2, 3, 1, 8, {1, 2, 3, 4, 5, 6}, exif);
      const Picture picture = decode_picture(png, 1, "p.png");
      const auto& expected = kShown[orientation - 1];
      EXPECT_EQ(picture.height, expected.height) << orientation;
      EXPECT_EQ(picture.width, expected.width) << orientation;
      EXPECT_EQ(bytes_of(picture), expected.shown) << orientation;
      EXPECT_EQ(picture_size(png, "p.png").height, expected.height) << orientation;
      EXPECT_EQ(picture_size(png, "p.png").width, expected.width) << orientation;
    }
  }
  const std::string colour = png_chunk("eXIf", exif_orientation_bytes(6, true));
  EXPECT_EQ(bytes_of(decode_picture(png_bytes(1, 2, 3, 8, {1, 2, 3, 4, 5, 6}, colour), 3, "p.png")),
            (Bytes{4, 5, 6, 1, 2, 3}));
}

TEST(Picture, AppliesTheExifOrientationOfAJpg) {
  // A photograph of a bright sky, taken with the camera on its side.
  const std::string jpg = io::read_file(EINET_SOURCE_DIR "/tests/data/exif6.jpg");
  const auto brightness = [](const Picture& picture, bool rows, bool first) {
    std::uint64_t sum = 0;
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        if (((rows ? 2 * y < picture.height : 2 * x < picture.width)) == first) {
          sum += picture.pixels[static_cast<std::size_t>(y) * picture.width + x];
        }
      }
    }
    return sum;
  };
  const auto at = [&](char orientation) {
    std::string turned = jpg;
    turned[0x31] = orientation;  // The low byte of tag 274.
    return decode_picture(turned, 1, "p.jpg");
  };
  EXPECT_GT(brightness(at(6), true, true), brightness(at(6), true, false)) << "the sky is above";
  EXPECT_GT(brightness(at(1), false, true), brightness(at(1), false, false)) << "left as stored";
  EXPECT_GT(brightness(at(8), true, false), brightness(at(8), true, true)) << "turned the other way";
  for (std::size_t byte = 0x18; byte < 0x38; ++byte) {  // Damage in the block does not affect the picture.
    std::string damaged = jpg;
    damaged[byte] = static_cast<char>(~damaged[byte]);
    EXPECT_NO_THROW(decode_picture(damaged, 1, "p.jpg")) << byte;
  }
}

TEST(Picture, IgnoresADamagedExifBlock) {
  const std::string whole = exif_orientation_bytes(6, true);
  std::vector<std::string> damaged = {exif_orientation_bytes(0, true), exif_orientation_bytes(9, false), "", "MM",
                                      std::string(40, '\xFF')};
  for (std::size_t length = 0; length < 20; ++length) damaged.push_back(whole.substr(0, length));
  for (const std::string& exif : damaged) {
    const std::string png = png_bytes(2, 1, 1, 8, {1, 2}, png_chunk("eXIf", exif));
    EXPECT_EQ(bytes_of(decode_picture(png, 1, "p.png")), (Bytes{1, 2})) << exif.size();
  }
}

TEST(Picture, ReadsWebp) {
  const auto read = [](const std::string& file) {
    return io::read_file(EINET_SOURCE_DIR "/tests/data/pictures/" + file);
  };
  // prepare_test.cc compares their pixels with Pillow.
  const std::string lossless = read("lossless.webp");
  EXPECT_EQ(decode_picture(lossless, 3, "p.webp").pixels, decode_picture(read("odd.png"), 3, "p.png").pixels);
  EXPECT_EQ(picture_size(lossless, "p.webp").width, 37);
  EXPECT_EQ(picture_size(read("turned.webp"), "p.webp").width, 20) << "31 wide as stored";
  expect_error(ErrorKind::kInvalidData, "p.webp: is an animated WebP picture",
               [&] { picture_size(read("animated.webp"), "p.webp"); });
  expect_error(ErrorKind::kInvalidData, "p.webp: is an animated WebP picture",
               [&] { decode_picture(read("animated.webp"), 3, "p.webp"); });
}

/// Inverts each byte of the picture `whole` in turn; the result must be decoded or rejected as invalid data.
void expect_decoded_or_rejected_with_any_byte_changed(const std::string& whole, const std::string& file) {
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {
    std::string damaged = whole;
    damaged[byte] = static_cast<char>(~damaged[byte]);
    try {
      decode_picture(damaged, 3, file);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInvalidData) << byte;
    }
  }
}

TEST(Picture, SurvivesDamagedJpg) {
  for (const std::string file : {"grey.jpg", "turned.jpg"}) {
    const std::string whole = io::read_file(EINET_SOURCE_DIR "/tests/data/pictures/" + file);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      expect_error(ErrorKind::kInvalidData, file + ": ", [&] { decode_picture(whole.substr(0, length), 3, file); });
    }
    expect_decoded_or_rejected_with_any_byte_changed(whole, file);
    // Pixel values are lost: the scan ends in the middle, although the file has its end marker.
    const std::size_t middle = whole.rfind("\xFF\xDA") + 60;
    expect_error(ErrorKind::kInvalidData,
                 file + ": damaged picture: ", [&] { decode_picture(whole.substr(0, middle) + "\xFF\xD9", 3, file); });
  }
}

TEST(Picture, RejectsMaliciousJpg) {
  // 257 Huffman codes of the same length, more than a table can hold. Found by fuzzing.
  const std::string codes = std::string("\xFF\xC4\x01\x16\0", 5) + std::string("\x80\x81", 2) + std::string(300, '\0');
  expect_error(ErrorKind::kInvalidData, "p.jpg: damaged picture",
               [&] { picture_size("\xFF\xD8" + codes + "\xFF\xD9", "p.jpg"); });
  expect_error(ErrorKind::kInvalidData, "p.jpg: damaged picture", [] { picture_size("\xFF\xD8", "p.jpg"); });
  expect_error(ErrorKind::kInvalidData, "p.jpg: damaged picture", [] { picture_size("\xFF\xD8\xFF\xD9", "p.jpg"); });
}

TEST(Picture, SurvivesDamagedWebp) {
  for (const std::string file : {"lossless.webp", "lossy.webp", "alpha.webp", "turned.webp"}) {
    const std::string whole = io::read_file(EINET_SOURCE_DIR "/tests/data/pictures/" + file);
    const Picture right = decode_picture(whole, 3, file);
    for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
      // A chunk of metadata at the end may be missing; pixels may not.
      try {
        EXPECT_EQ(decode_picture(whole.substr(0, length), 3, file).pixels.size(), right.pixels.size());
        EXPECT_EQ(file, "turned.webp") << length;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidData);
        EXPECT_TRUE(std::string_view(error.what()).starts_with(file + ": ")) << error.what();
      }
    }
    expect_decoded_or_rejected_with_any_byte_changed(whole, file);
  }
}

TEST(Picture, RejectsMaliciousWebpHeaders) {
  using namespace std::string_literals;
  // An extended header with a canvas of 2^24 x 2^24 and nothing else; then a lossless one of 16384 x 16384.
  const std::string extended = "RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff"s;
  expect_error(ErrorKind::kInvalidData, "p.webp: damaged picture", [&] { decode_picture(extended, 3, "p.webp"); });
  const std::string lossless = "RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2f\xff\xff\xff\x0f\0\0\0\0\0"s;
  expect_error(ErrorKind::kInvalidData, "p.webp: the picture is 16384x16384",
               [&] { picture_size(lossless, "p.webp"); });
  expect_error(ErrorKind::kInvalidData, "at most 100 million", [&] { decode_picture(lossless, 3, "p.webp"); });
  expect_error(ErrorKind::kInvalidData, "p.webp: not a picture", [] { decode_picture("RIFF1234WEB", 3, "p.webp"); });
}

TEST(Picture, RejectsTooManyPixelsByTheHeader) {
  const std::string huge = png_bytes(16000, 16000, 3, 8, {});
  expect_error(ErrorKind::kInvalidData, "p.png: the picture is 16000x16000", [&] { picture_size(huge, "p.png"); });
  expect_error(ErrorKind::kInvalidData, "at most 100 million", [&] { decode_picture(huge, 3, "p.png"); });
  EXPECT_EQ(picture_size(png_bytes(4000, 3000, 3, 8, {}), "p.png").width, 4000);  // Needs no pixels.
}

TEST(Picture, RejectsOtherFiles) {
  expect_error(ErrorKind::kInvalidData, "a.png: not a picture", [] { decode_picture("no picture", 3, "a.png"); });
  expect_error(ErrorKind::kInvalidData, "b.png: not a picture", [] { decode_picture("", 3, "b.png"); });
  for (const std::string header : {"P5", "P5 1", "P5 1 1 ", "P5 1 1 0\n?", "P5 1 1 65536\n??", "P5 -1 1 255\n?",
                                   "P6 0 1 255\n?", "P5 7 1 40999999999999999999\n???????", "P5 1 1 255"}) {
    expect_error(ErrorKind::kInvalidData, "b.pgm: not a picture", [&] { decode_picture(header, 1, "b.pgm"); });
  }
  expect_error(ErrorKind::kInvalidData, "the picture is 1x70000", [] { picture_size("P5 70000 1 255\n", "b.pgm"); });
  expect_error(ErrorKind::kInvalidData, "damaged picture: it ends",
               [] { decode_picture("P5 2 1 255\n?", 1, "b.pgm"); });
  const std::string cut = ppm_bytes(4, 4, Bytes(48, 1)).substr(0, 30);
  expect_error(ErrorKind::kInvalidData, "c.ppm: damaged picture", [&] { decode_picture(cut, 3, "c.ppm"); });
}

TEST(Picture, KeepsAPictureOfTheRightSize) {
  const Picture picture = picture_of(1, 2, 2, {1, 2, 3, 4});
  EXPECT_EQ(fitted(picture, 2, 2).pixels, picture.pixels);
}

TEST(Picture, FitsTheCentre) {
  // 2 high, 6 wide: the middle 2x2, uniformly 100, is kept and resampled to 4x4; the sides are cropped.
  const Picture wide = picture_of(1, 2, 6, {0, 0, 100, 100, 0, 0, 0, 0, 100, 100, 0, 0});
  EXPECT_EQ(bytes_of(fitted(wide, 4, 4)), Bytes(16, 100));
  const Picture high = picture_of(1, 6, 2, {0, 0, 0, 0, 100, 100, 100, 100, 0, 0, 0, 0});
  EXPECT_EQ(bytes_of(fitted(high, 1, 1)), Bytes{100});
}

TEST(Picture, KeepsGradientsWhenResampled) {
  Bytes slope;
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      for (const int value : {2 * x, 2 * y, 200}) slope.push_back(static_cast<std::uint8_t>(value));
    }
  }
  const Bytes half = bytes_of(fitted(picture_of(3, 64, 64, slope), 32, 32));
  for (int y = 2; y < 30; ++y) {
    for (int x = 2; x < 30; ++x) {
      const std::uint8_t* pixel = half.data() + 3 * (32 * y + x);
      EXPECT_NEAR(pixel[0], 4 * x + 1, 1.5);
      EXPECT_NEAR(pixel[1], 4 * y + 1, 1.5);
      EXPECT_EQ(pixel[2], 200);
    }
  }
}

}  // namespace
}  // namespace einet::data
