#include "data/gzip.h"

#include "data/file_bytes.h"
#include "expect_error.h"

namespace einet::data {
namespace {

TEST(Gzip, RoundTrip) {
  std::string plain;
  for (unsigned i = 0; i < 3000000; ++i) plain += static_cast<char>(i * i >> 7);
  EXPECT_TRUE(is_gzip(gzip_bytes(plain)));
  EXPECT_FALSE(is_gzip(plain));
  EXPECT_EQ(gunzip(gzip_bytes(plain), "f", plain.size()), plain);
  EXPECT_EQ(gunzip(gzip_bytes(""), "f", 0), "");
}

TEST(Gzip, RejectsDamagedFiles) {
  const std::string good = gzip_bytes("some text that is long enough to be damaged in the middle");
  expect_error(ErrorKind::kInvalidData, "f: truncated", [&] { gunzip("", "f", 100); });
  for (std::size_t length = 1; length < good.size(); ++length) {
    expect_error(ErrorKind::kInvalidData, "f: ", [&] { gunzip(good.substr(0, length), "f", 100); });
  }
  std::string damaged = good;
  damaged[damaged.size() - 6] ^= 1;
  expect_error(ErrorKind::kInvalidData, "damaged", [&] { gunzip(damaged, "f", 100); });
  expect_error(ErrorKind::kInvalidData, "damaged", [] { gunzip("no gzip file", "f", 100); });
}

TEST(Gzip, StopsAtTheLimit) {
  expect_error(ErrorKind::kInvalidData, "larger than expected",
               [] { gunzip(gzip_bytes(std::string(50000000, '\0')), "bomb", 1000); });
  expect_error(ErrorKind::kInvalidData, "larger than expected", [] { gunzip(gzip_bytes("abc"), "f", 2); });
}

}  // namespace
}  // namespace einet::data
