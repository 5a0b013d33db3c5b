#include "io/npz.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "expect_error.h"
#include "io/file.h"
#include "io/temporary_directory.h"

namespace einet::io {
namespace {

std::map<std::string, NpyArray> sample() {
  std::vector<float> confidence(600);
  for (std::size_t i = 0; i < confidence.size(); ++i) confidence[i] = static_cast<float>(i % 7) / 7.0f;
  return {{"confidence", NpyArray::from(confidence, {200, 3})},
          {"correct", NpyArray::from(std::vector<std::uint8_t>{0, 1, 1}, {3})},
          {"label", NpyArray::from(std::vector<std::int32_t>{-1, 9}, {2, 1})}};
}

// Does not wait for the disk, which would be slow for hundreds of damaged copies.
void overwrite(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(Npz, RoundTrip) {
  const TemporaryDirectory folder;
  write_npz(folder / "a.npz", sample());
  const auto back = read_npz(folder / "a.npz");
  ASSERT_EQ(back.size(), 3u);
  for (const auto& [key, array] : sample()) {
    EXPECT_EQ(back.at(key).dtype, array.dtype);
    EXPECT_EQ(back.at(key).shape, array.shape);
    EXPECT_EQ(back.at(key).data, array.data);
  }
  EXPECT_EQ(folder.names(), std::set<std::string>{"a.npz"});
}

TEST(Npz, SameArraysGiveTheSameBytes) {
  const TemporaryDirectory folder;
  write_npz(folder / "a.npz", sample());
  ::setenv("TZ", "Asia/Tokyo", 1);
  ::tzset();
  write_npz(folder / "b.npz", sample());
  ::unsetenv("TZ");
  ::tzset();
  const std::string bytes = read_file(folder / "a.npz");
  EXPECT_EQ(bytes, read_file(folder / "b.npz"));
  EXPECT_LT(bytes.size(), 1000u);  // 2,400 bytes of a pattern: it must be deflated.
}

TEST(Npz, RejectsOtherFiles) {
  const TemporaryDirectory folder;
  expect_error(ErrorKind::kNotFound, "absent.npz: no such file", [&] { read_npz(folder / "absent.npz"); });
  for (const std::string& bytes : {std::string(), std::string("not a zip"), std::string("PK\x05\x06")}) {
    write_file(folder / "bad.npz", bytes);
    expect_error(ErrorKind::kInvalidData, "bad.npz: is not a readable .npz archive",
                 [&] { read_npz(folder / "bad.npz"); });
  }
  expect_error(ErrorKind::kInvalidData, "at least one array", [&] { write_npz(folder / "empty.npz", {}); });
}

TEST(Npz, DamagedArchivesNeverCrashOrGiveWrongData) {
  const TemporaryDirectory folder;
  const auto expected = sample();
  write_npz(folder / "a.npz", expected);
  const std::string whole = read_file(folder / "a.npz");
  const std::filesystem::path cut = folder / "cut.npz";
  for (std::size_t size = 0; size < whole.size(); size += 13) {
    overwrite(cut, whole.substr(0, size));
    EXPECT_THROW(read_npz(cut), Error) << size;
  }
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    std::string damaged = whole;
    damaged[random() % damaged.size()] ^= static_cast<char>(1u << (random() % 8));
    overwrite(cut, damaged);
    try {
      // If it loads nevertheless, the damage is outside the data, which zip's CRC protects.
      for (const auto& [key, array] : read_npz(cut)) {
        const auto original = expected.find(key);
        if (original != expected.end()) {
          EXPECT_EQ(array.data, original->second.data);
        }
      }
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace einet::io
