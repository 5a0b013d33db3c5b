#include "profile/cs_profile.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "expect_error.h"

namespace einet::profile {
namespace {

CsProfile example() {
  CsProfile profile;
  profile.exits = 2;
  profile.labels = {0, 1, 2};
  profile.predicted = {0, 0, 1, 2, 1, 2};
  profile.confidence = {0.5f, 0.75f, 0.25f, 1.0f, 0.9f, 0.8f};
  return profile;
}

TEST(CsProfile, CountsRightAnswers) {
  const CsProfile profile = example();
  profile.validate("p");
  EXPECT_TRUE(profile.right(0, 0));
  EXPECT_FALSE(profile.right(1, 1));
  EXPECT_DOUBLE_EQ(profile.accuracy(0), 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(profile.accuracy(1), 2.0 / 3.0);
  EXPECT_EQ(CsProfile{}.accuracy(0), 0.0);
}

TEST(CsProfile, RowsKeepTheGivenOrder) {
  const CsProfile chosen = example().rows(std::vector<int>{2, 0});
  chosen.validate("p");
  EXPECT_EQ(chosen.labels, (std::vector<std::int32_t>{2, 0}));
  EXPECT_EQ(chosen.predicted, (std::vector<std::int32_t>{1, 2, 0, 0}));
  EXPECT_EQ(chosen.confidence_at(0, 1), 0.8f);
}

TEST(CsProfile, ColumnsKeepTheGivenOrderAndLogProbabilities) {
  CsProfile profile = example();
  profile.classes = 2;
  for (std::uint16_t i = 0; i < 12; ++i) profile.log_probability.push_back(i);
  const CsProfile chosen = profile.columns(std::vector<int>{1, 0, 1});
  chosen.validate("p");
  EXPECT_EQ(chosen.exits, 3);
  EXPECT_EQ(chosen.labels, profile.labels);
  EXPECT_EQ(chosen.predicted, (std::vector<std::int32_t>{0, 0, 0, 2, 1, 2, 2, 1, 2}));
  EXPECT_EQ(chosen.confidence_at(1, 0), 1.0f);
  EXPECT_EQ(chosen.log_probability,
            (std::vector<std::uint16_t>{2, 3, 0, 1, 2, 3, 6, 7, 4, 5, 6, 7, 10, 11, 8, 9, 10, 11}));
  EXPECT_EQ(profile.columns(std::vector<int>{0}).accuracy(0), profile.accuracy(0));
}

TEST(CsProfile, ValidatesEachFault) {
  const std::vector<std::pair<std::string, std::function<void(CsProfile&)>>> faults = {
      {"p: has 0 exits", [](CsProfile& p) { p.exits = 0; }},
      {"p: has no samples", [](CsProfile& p) { p.labels.clear(); }},
      {"p: has 3 labels and 2 exits, but 6 predictions and 5 confidences",
       [](CsProfile& p) { p.confidence.pop_back(); }},
      {"p: has 3 labels and 2 exits, but 7 predictions and 6 confidences",
       [](CsProfile& p) { p.predicted.push_back(0); }},
      {"p: sample 1 has a negative label", [](CsProfile& p) { p.labels[1] = -1; }},
      {"p: sample 2, exit 1: negative prediction", [](CsProfile& p) { p.predicted[4] = -1; }},
      {"p: sample 1, exit 2: confidence nan",
       [](CsProfile& p) { p.confidence[3] = std::numeric_limits<float>::quiet_NaN(); }},
      {"p: sample 0, exit 1: confidence 1.5", [](CsProfile& p) { p.confidence[0] = 1.5f; }},
      {"p: sample 0, exit 1: confidence -0.5", [](CsProfile& p) { p.confidence[0] = -0.5f; }},
  };
  for (const auto& [expected, spoil] : faults) {
    CsProfile profile = example();
    spoil(profile);
    expect_error(ErrorKind::kInvalidData, expected, [&] { profile.validate("p"); });
  }
}

TEST(HeldOutHalf, SplitsEvenAndOdd) {
  EXPECT_EQ(held_out_half(5, 0), (std::vector<int>{0, 2, 4}));
  EXPECT_EQ(held_out_half(5, 1), (std::vector<int>{1, 3}));
  EXPECT_TRUE(held_out_half(0, 0).empty());
}

// Two exits, four samples: the first exit has the same label for three, the second for all.
TEST(ComparePrecision, CountsLabels) {
  const CsProfile reference{2, {0, 1, 2, 0}, {0, 0, 1, 1, 2, 2, 1, 0}, std::vector<float>(8, 0.5f)};
  CsProfile other = reference;
  other.predicted[6] = 0;
  const PrecisionReport report = compare_precision(reference, other);
  EXPECT_EQ(report.agreement, (std::vector<double>{0.75, 1.0}));
  EXPECT_EQ(report.reference_accuracy, (std::vector<double>{0.75, 1.0}));
  EXPECT_EQ(report.accuracy, (std::vector<double>{1.0, 1.0}));
  EXPECT_EQ(report.lowest_agreement(), 0.75);
}

}  // namespace
}  // namespace einet::profile
