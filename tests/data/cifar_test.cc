#include "data/cifar.h"

#include "expect_error.h"

namespace einet::data {
namespace {

std::string record(const std::string& labels, char pixel) { return labels + std::string(3072, pixel); }

TEST(Cifar, ReadsRecords) {
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;
  parse_cifar(record("\x03", 'a') + record("\x09", 'b'), 1, 10, "f", pixels, labels);
  EXPECT_EQ(labels, (std::vector<std::int32_t>{3, 9}));
  ASSERT_EQ(pixels.size(), 2u * 3072);
  EXPECT_EQ(pixels[3071], 'a');
  EXPECT_EQ(pixels[3072], 'b');
}

TEST(Cifar, UsesTheLastLabelByte) {
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;
  parse_cifar(record("\x13\x63", 'a'), 2, 100, "f", pixels, labels);
  EXPECT_EQ(labels, std::vector<std::int32_t>{99});
}

TEST(Cifar, RejectsDamagedFiles) {
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;
  const auto parse = [&](const std::string& bytes) { parse_cifar(bytes, 1, 10, "batch", pixels, labels); };
  expect_error(ErrorKind::kInvalidData, "batch: 0 bytes", [&] { parse(""); });
  expect_error(ErrorKind::kInvalidData, "not a whole number of records", [&] { parse(record("\x01", 'a') + "x"); });
  expect_error(ErrorKind::kInvalidData, "record 1 has label 10 of 10 classes",
               [&] { parse(record("\x01", 'a') + record("\x0a", 'b')); });
}

}  // namespace
}  // namespace einet::data
