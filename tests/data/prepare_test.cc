#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "data/picture.h"
#include "expect_error.h"
#include "io/file.h"
#include "io/npz.h"

namespace einet::data {
namespace {

namespace fs = std::filesystem;

const fs::path kPictures = EINET_SOURCE_DIR "/tests/data/pictures";

std::vector<int> sides_of(const std::string& text) {
  if (text == "-") return {};
  const auto x = text.find('x');
  if (x == std::string::npos) return {std::stoi(text)};
  return {std::stoi(text.substr(0, x)), std::stoi(text.substr(x + 1))};
}

Picture even(int height, int width) {
  Picture picture{.channels = 1, .height = height, .width = width, .pixels = {}};
  picture.pixels.assign(static_cast<std::size_t>(height) * width, 65535);
  return picture;
}

TEST(Prepare, EqualsTorchvisionOnPillowImages) {
  // From tests/data/make_pictures.py.
  const auto expected = io::read_npz(kPictures / "expected.npz");
  ASSERT_GT(expected.size(), 100u);
  for (const auto& [name, array] : expected) {
    std::istringstream words(name);
    std::string file, resize, crop, interpolation;
    int channels = 0;
    words >> file >> channels >> resize >> crop >> interpolation;
    const Preprocessing preprocessing{.resize = sides_of(resize),
                                      .crop = sides_of(crop),
                                      .interpolation = parse_interpolation(interpolation).value()};
    const Picture picture = decode_picture(io::read_file(kPictures / file), channels, file);
    const Picture result =
        prepared(picture, preprocessing, static_cast<int>(array.shape.at(0)), static_cast<int>(array.shape.at(1)));
    ASSERT_EQ(result.channels, channels);
    ASSERT_EQ(result.pixels.size(), array.data.size()) << name;
    int largest = 0;
    for (std::size_t i = 0; i < array.data.size(); ++i) {
      const int difference = to_byte(result.pixels[i]) - static_cast<unsigned char>(array.data[i]);
      largest = std::max(largest, std::abs(difference));
    }
    EXPECT_EQ(largest, 0) << name;
  }
}

TEST(Prepare, ComputesOnlyTheCroppedPart) {
  // The whole resized picture would have 4 billion pixels.
  Picture line = even(1, 16384);
  const Picture centre = prepared(line, {.resize = {500}, .crop = {2, 2}}, 2, 2);
  EXPECT_EQ(centre.pixels, std::vector<std::uint16_t>(4, 65535));
}

TEST(Prepare, PadsSmallPicturesWithBlack) {
  const Picture framed = prepared(even(1, 2), {.crop = {4, 4}}, 4, 4);
  EXPECT_EQ(framed.pixels, (std::vector<std::uint16_t>{0, 0, 0, 0, 0, 65535, 65535, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(Prepare, ConvertsSixteenBitsToEight) {
  Picture picture = even(2, 2);
  picture.bits = 16;
  picture.pixels = {1000, 1000, 1000, 1000};
  const Picture result = prepared(picture, {.resize = {3}, .crop = {3, 3}}, 3, 3);
  EXPECT_EQ(result.bits, 8);
  EXPECT_EQ(result.pixels, std::vector<std::uint16_t>(9, 4 * 257));
}

TEST(Prepare, WithoutStepsKeepsTheLargestCentredPart) {
  const Picture picture = even(5, 9);
  EXPECT_EQ(prepared(picture, {}, 3, 3).pixels, fitted(picture, 3, 3).pixels);
}

TEST(Prepare, ReportsFaults) {
  const auto fault = [](const Preprocessing& preprocessing) { return fault_of(preprocessing, 14, 15); };
  EXPECT_EQ(fault({}), "");
  EXPECT_EQ(fault({.resize = {16}, .crop = {14, 15}}), "");
  EXPECT_EQ(fault({.resize = {14, 15}}), "");
  EXPECT_EQ(fault({.crop = {14, 15}}), "");
  EXPECT_EQ(fault({.resize = {16}}), "resizes the shorter side to 16 and leaves the other open; a crop is needed");
  EXPECT_EQ(fault({.resize = {15, 14}}), "resizes to 15x14, the network takes 14x15");
  EXPECT_EQ(fault({.resize = {16}, .crop = {14, 14}}), "crops to 14x14, the network takes 14x15");
  EXPECT_EQ(fault({.crop = {14}}), "has 1 sides to crop to");
  EXPECT_EQ(fault({.resize = {1, 2, 3}}), "has 3 sides to resize to");
  for (const int side : {0, -1, 16385}) {
    EXPECT_EQ(fault({.resize = {side}, .crop = {14, 15}}), "has a side that is not in 1..16384");
  }
  expect_error(ErrorKind::kInternal, "a crop is needed", [] { prepared(even(3, 3), {.resize = {16}}, 14, 15); });
}

}  // namespace
}  // namespace einet::data
