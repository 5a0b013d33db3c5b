#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <string>

#include "core/half.h"
#include "expect_error.h"
#include "io/npz.h"
#include "profile/cs_profile.h"

namespace einet::profile {
namespace {

using io::NpyArray;

class CsProfileNpz : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  CsProfile example() const {
    CsProfile profile;
    profile.exits = 2;
    profile.labels = {0, 255, 2};
    profile.predicted = {0, 0, 1, 2, 1, 255};
    profile.confidence = {0.5f, 0.75f, 0.1f, 1.0f, 0.9f, 0.8f};
    return profile;
  }

  /// The arrays of a valid file.
  std::map<std::string, NpyArray> arrays() const {
    const CsProfile profile = example();
    return {{"labels", NpyArray::from(profile.labels, {3})},
            {"predicted", NpyArray::from(profile.predicted, {3, 2})},
            {"confidence", NpyArray::from(profile.confidence, {3, 2})}};
  }

  void expect_fault(const std::map<std::string, NpyArray>& arrays, const std::string& fault) {
    io::write_npz(path_, arrays);
    expect_error(ErrorKind::kInvalidData, path_.string(), [&] { read_cs_profile(path_); });
    expect_error(ErrorKind::kInvalidData, fault, [&] { read_cs_profile(path_); });
  }

  const std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("cs_profile_npz_test." + std::to_string(getpid()) + ".npz");
};

TEST_F(CsProfileNpz, RoundTrips) {
  const CsProfile before = example();
  write_cs_profile(before, path_);
  const CsProfile after = read_cs_profile(path_);
  EXPECT_EQ(after.exits, before.exits);
  EXPECT_EQ(after.labels, before.labels);
  EXPECT_EQ(after.predicted, before.predicted);
  EXPECT_EQ(after.confidence, before.confidence);
  EXPECT_EQ(io::read_npz(path_).at("predicted").dtype, "|u1");
}

TEST_F(CsProfileNpz, StoresPredictionsThatNeedMoreThanAByte) {
  CsProfile profile = example();
  profile.predicted[3] = 256;
  write_cs_profile(profile, path_);
  EXPECT_EQ(io::read_npz(path_).at("predicted").dtype, "<i4");
  EXPECT_EQ(read_cs_profile(path_).predicted, profile.predicted);
}

TEST_F(CsProfileNpz, DoesNotWriteInvalidProfiles) {
  CsProfile profile = example();
  profile.confidence[0] = 2.0f;
  EXPECT_THROW(write_cs_profile(profile, path_), Error);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(CsProfileNpz, NamesEachFault) {
  auto damaged = arrays();
  damaged.erase("labels");
  expect_fault(damaged, "array 'labels' is missing");

  damaged = arrays();
  damaged["confidence"] = NpyArray::from(example().confidence, {6});
  expect_fault(damaged, "array 'confidence' has 1 dimensions, expected 2");

  damaged = arrays();
  damaged["confidence"] = NpyArray::from(example().confidence, {2, 3});
  expect_fault(damaged, "disagree in shape");

  damaged = arrays();
  damaged["labels"] = NpyArray::from(std::vector<std::int32_t>{1, 2}, {2});
  expect_fault(damaged, "disagree in shape");

  damaged = arrays();
  damaged["confidence"] = NpyArray::from(std::vector<float>{0.5f, 0.75f, 0.1f, -1.0f, 0.9f, 0.8f}, {3, 2});
  expect_fault(damaged, "sample 1, exit 2: confidence -1");
}

TEST_F(CsProfileNpz, ReportsAMissingFile) {
  expect_error(ErrorKind::kNotFound, path_.string(), [&] { read_cs_profile(path_); });
}

TEST_F(CsProfileNpz, LogProbabilitiesRoundTrip) {
  CsProfile before = example();
  before.classes = 4;
  for (int i = 0; i < 3 * 2 * 4; ++i) before.log_probability.push_back(float_to_half(-0.25f * static_cast<float>(i)));
  CsProfile after = example();
  parse_log_probabilities(format_log_probabilities(before, "before"), "after", after);
  EXPECT_EQ(after.classes, 4);
  EXPECT_EQ(after.log_probability, before.log_probability);
  std::vector<float> values(4);
  after.log_probabilities(1, 1, values);
  EXPECT_EQ(values, (std::vector<float>{-3.0f, -3.25f, -3.5f, -3.75f}));
  const CsProfile chosen = after.rows(std::vector<int>{2, 1});
  chosen.log_probabilities(1, 1, values);
  EXPECT_EQ(values[0], -3.0f);
}

TEST_F(CsProfileNpz, RejectsDamagedLogProbabilities) {
  const auto expect_fault = [&](const std::string& dtype, std::vector<std::int64_t> shape, float last,
                                const std::string& fault) {
    NpyArray array{.dtype = dtype, .shape = std::move(shape), .data = {}};
    for (std::int64_t i = 0; i < array.elements(); ++i) {
      const std::uint16_t half = float_to_half(i + 1 == array.elements() ? last : -1.0f);
      array.data.append(reinterpret_cast<const char*>(&half), 2);
      if (dtype == "<f4") array.data.append(2, '\0');
    }
    CsProfile profile = example();
    const std::string bytes = io::format_npz({{"log_probability", array}}, "made");
    expect_error(ErrorKind::kInvalidData, "b.npz", [&] { parse_log_probabilities(bytes, "b.npz", profile); });
    expect_error(ErrorKind::kInvalidData, fault, [&] { parse_log_probabilities(bytes, "b.npz", profile); });
  };
  expect_fault("<f4", {3, 2, 4}, -1.0f, "<f4");
  expect_fault("<f2", {2, 2, 4}, -1.0f, "2 samples");
  expect_fault("<f2", {3, 3, 4}, -1.0f, "3 exits");
  expect_fault("<f2", {3, 2, 0}, -1.0f, "0 classes");
  expect_fault("<f2", {3, 2}, -1.0f, "dimensions");
  expect_fault("<f2", {3, 2, 4}, std::numeric_limits<float>::quiet_NaN(), "sample 2, exit 2: log-probability nan");
  expect_fault("<f2", {3, 2, 4}, -std::numeric_limits<float>::infinity(), "-inf");
  expect_fault("<f2", {3, 2, 4}, 0.5f, "0.5");
  CsProfile profile = example();
  expect_error(ErrorKind::kInvalidData, "missing",
               [&] { parse_log_probabilities(io::format_npz(arrays(), "made"), "b.npz", profile); });
  expect_error(ErrorKind::kInvalidData, "b.npz", [&] { parse_log_probabilities("no archive", "b.npz", profile); });
}

}  // namespace
}  // namespace einet::profile
