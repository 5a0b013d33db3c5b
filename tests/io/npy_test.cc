#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <random>

#include "expect_error.h"
#include "io/npz.h"

namespace einet::io {
namespace {

std::string npy(const std::string& header, const std::string& data, char version = 1) {
  std::string bytes = std::string("\x93NUMPY") + version + '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) bytes += static_cast<char>((header.size() >> (8 * i)) & 0xff);
  return bytes + header + data;
}

std::string header(const std::string& dtype, const std::string& shape, const std::string& order = "False") {
  return "{'descr': '" + dtype + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

template <class T>
std::string raw(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

TEST(Npy, WritesTheSameBytesAsNumpy) {
  // numpy.save(f, numpy.array([1, 2], dtype="<i4")), numpy 1.24.
  std::string expected =
      std::string("\x93NUMPY\x01\0v\0", 10) + "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }";
  expected.append(127 - expected.size(), ' ').append("\n");
  expected += raw<std::int32_t>({1, 2});
  EXPECT_EQ(format_npy(NpyArray::from(std::vector<std::int32_t>{1, 2}, {2})), expected);
}

TEST(Npy, RoundTripsEveryShape) {
  for (const std::vector<std::int64_t>& shape :
       std::vector<std::vector<std::int64_t>>{{}, {0}, {1}, {5}, {2, 3}, {3, 0, 2}, {1, 2, 3, 4}}) {
    std::int64_t size = 1;
    for (const std::int64_t dimension : shape) size *= dimension;
    std::vector<float> values(static_cast<std::size_t>(size));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.5f * static_cast<float>(i);
    const std::string bytes = format_npy(NpyArray::from(values, shape));
    EXPECT_EQ((bytes.size() - values.size() * 4) % 64, 0u);
    const NpyArray back = parse_npy(bytes, "a");
    EXPECT_EQ(back.shape, shape);
    EXPECT_EQ(back.dtype, "<f4");
    EXPECT_EQ(back.elements(), size);
    EXPECT_EQ(back.as_floats("a"), values);
  }
}

TEST(Npy, ConvertsEveryDtype) {
  const auto floats = [](const std::string& dtype, const std::string& data) {
    return parse_npy(npy(header(dtype, "(2,)"), data), "a").as_floats("a");
  };
  const std::vector<float> expected = {0, 1};
  EXPECT_EQ(floats("<f4", raw<float>({0, 1})), expected);
  EXPECT_EQ(floats("<f8", raw<double>({0, 1})), expected);
  EXPECT_EQ(floats("<f2", raw<std::uint16_t>({0, 0x3c00})), expected);
  EXPECT_EQ(floats("<i4", raw<std::int32_t>({0, 1})), expected);
  EXPECT_EQ(floats("<i8", raw<std::int64_t>({0, 1})), expected);
  EXPECT_EQ(floats("|u1", raw<std::uint8_t>({0, 1})), expected);
  EXPECT_EQ(floats("|b1", raw<std::uint8_t>({0, 1})), expected);
  EXPECT_EQ(NpyArray::from(std::vector<std::uint8_t>{0, 255}, {2}).as_ints("a"), (std::vector<std::int32_t>{0, 255}));
  EXPECT_EQ(NpyArray::from(std::vector<float>{-3, 7}, {2}).as_ints("a"), (std::vector<std::int32_t>{-3, 7}));
}

TEST(Npy, RejectsFractionsAsIntegers) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const float value : {0.5f, nan, 3e9f}) {
    expect_error(ErrorKind::kInvalidData, "a: element 0 is not a 32-bit integer",
                 [&] { NpyArray::from(std::vector<float>{value}, {1}).as_ints("a"); });
  }
  const NpyArray wide = parse_npy(npy(header("<i8", "(1,)"), raw<std::int64_t>({1ll << 40})), "a");
  expect_error(ErrorKind::kInvalidData, "is not a 32-bit integer", [&] { wide.as_ints("a"); });
}

TEST(Npy, ReadsAllVersionsAndKeyOrders) {
  const std::string text = "{\"shape\": ( 2 , ), 'fortran_order':False,'descr':'<f4'}";
  for (const char version : {1, 2, 3}) {
    EXPECT_EQ(parse_npy(npy(text, raw<float>({3, 4}), version), "a").as_floats("a"), (std::vector<float>{3, 4}));
  }
}

TEST(Npy, RejectsMaliciousFiles) {
  const std::string two = raw<float>({1, 2});
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "a: is not a .npy array"},
      {"hello, world", "a: is not a .npy array"},
      {"\x93NUMPY", "a: is truncated"},
      {npy(header("<f4", "(2,)"), two, 9), "unknown .npy version 9"},
      {std::string("\x93NUMPY\x02\0\xff\xff\xff\x7f", 12), "has a header of 2147483647 bytes"},
      {std::string("\x93NUMPY\x01\0\xff\0{", 11), "a: is truncated"},
      {npy(header("<f4", "(2,)", "True"), two), "Fortran order"},
      {npy(header("|O", "(2,)"), two), "the dtype '|O', which is not supported"},
      {npy(header(">f4", "(2,)"), two), "the dtype '>f4', which is not supported"},
      {npy("{'descr': [('x','<f4')], 'fortran_order': False, 'shape': (2,)}", two), "holds records"},
      {npy(header("<f4", "(3,)"), two), "has 8 bytes of data where its shape needs 12"},
      {npy(header("<f4", "(1,)"), two), "has 8 bytes of data where its shape needs 4"},
      {npy(header("<f4", "(4611686018427387905,)"), two), "impossible shape"},
      {npy(header("<f4", "(4294967296, 4294967296)"), two), "impossible shape"},
      {npy(header("<f4", "(99999999999999999999,)"), two), "malformed shape"},
      {npy(header("<f4", "(-2,)"), two), "malformed shape"},
      {npy(header("<f4", "(2.0,)"), two), "malformed shape"},
      {npy(header("<f4", "__import__('os')"), two), "malformed header"},
      {npy(header("<f4", "(2,"), two), "malformed shape"},
      {npy("{'descr': '<f4', 'shape': (2,)}", two), "malformed header"},
      {npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", two), "unknown header key 'x'"},
      {npy("{'descr", two), "malformed header"},
      {npy(header("<f4", "(2,)") + "garbage", two), "malformed header"},
  };
  for (const auto& [bytes, message] : cases) {
    expect_error(ErrorKind::kInvalidData, message, [&bytes = bytes] { parse_npy(bytes, "a"); });
  }
}

TEST(Npy, DoesNotCrashOnDamagedFiles) {
  const std::string whole = format_npy(NpyArray::from(std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(parse_npy(whole.substr(0, size), "a"), Error) << size;
  }
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::string damaged = whole;
    for (int flips = 0; flips < 3; ++flips) damaged[random() % 128] = static_cast<char>(random());
    try {
      const NpyArray array = parse_npy(damaged, "a");
      EXPECT_EQ(array.as_floats("a").size(), static_cast<std::size_t>(array.elements()));
    } catch (const Error&) {
    }
  }
}

TEST(Npy, ValuesMustFitTheShape) {
  expect_error(ErrorKind::kInvalidData, "shape", [] { NpyArray::from(std::vector<float>{1, 2}, {3}); });
  NpyArray broken = NpyArray::from(std::vector<float>{1, 2}, {2});
  broken.shape = {3};
  expect_error(ErrorKind::kInvalidData, "a: its shape does not match", [&] { broken.as_floats("a"); });
}

}  // namespace
}  // namespace einet::io
