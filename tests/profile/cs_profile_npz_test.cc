#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

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

  /// The arrays of a right file.
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

TEST_F(CsProfileNpz, KeepsPredictionsThatNeedMoreThanAByte) {
  CsProfile profile = example();
  profile.predicted[3] = 256;
  write_cs_profile(profile, path_);
  EXPECT_EQ(io::read_npz(path_).at("predicted").dtype, "<i4");
  EXPECT_EQ(read_cs_profile(path_).predicted, profile.predicted);
}

TEST_F(CsProfileNpz, WritesNothingInvalid) {
  CsProfile profile = example();
  profile.confidence[0] = 2.0f;
  EXPECT_THROW(write_cs_profile(profile, path_), Error);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(CsProfileNpz, NamesEachFault) {
  auto spoilt = arrays();
  spoilt.erase("labels");
  expect_fault(spoilt, "array 'labels' is missing");

  spoilt = arrays();
  spoilt["confidence"] = NpyArray::from(example().confidence, {6});
  expect_fault(spoilt, "array 'confidence' has 1 dimensions, expected 2");

  spoilt = arrays();
  spoilt["confidence"] = NpyArray::from(example().confidence, {2, 3});
  expect_fault(spoilt, "disagree in shape");

  spoilt = arrays();
  spoilt["labels"] = NpyArray::from(std::vector<std::int32_t>{1, 2}, {2});
  expect_fault(spoilt, "disagree in shape");

  spoilt = arrays();
  spoilt["confidence"] = NpyArray::from(std::vector<float>{0.5f, 0.75f, 0.1f, -1.0f, 0.9f, 0.8f}, {3, 2});
  expect_fault(spoilt, "sample 1, exit 2: confidence -1");
}

TEST_F(CsProfileNpz, SaysThatAFileIsMissing) {
  expect_error(ErrorKind::kNotFound, path_.string(), [&] { read_cs_profile(path_); });
}

}  // namespace
}  // namespace einet::profile
