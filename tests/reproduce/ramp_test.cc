#include "reproduce/analysis/ramp.h"

#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.h"

namespace einet::reproduce {
namespace {

/// 1,000 samples of label 0, three exits with confidences 0.5, 0.6, 0.9 (0.3 at the first exit of sample 0); all are
/// right but the first exit on every second sample.
profile::CsProfile example() {
  profile::CsProfile profile;
  profile.exits = 3;
  for (int i = 0; i < 1000; ++i) {
    profile.labels.push_back(0);
    for (const float confidence : {i == 0 ? 0.3f : 0.5f, 0.6f, 0.9f}) profile.confidence.push_back(confidence);
    for (const int answer : {i % 2, 0, 0}) profile.predicted.push_back(answer);
  }
  return profile;
}

TEST(Ramp, IsTheRiseFromFirstToLastExit) { EXPECT_DOUBLE_EQ(ramp_of(example()), 0.5); }

TEST(Ramp, OfNoChangeIsTheSame) {
  const profile::CsProfile same = with_ramp(example(), 0.0);
  EXPECT_EQ(same.predicted, example().predicted);
  EXPECT_EQ(same.confidence, example().confidence);
}

TEST(Ramp, FlattenedFullyAllExitsAreTheLast) {
  const profile::CsProfile flat = with_ramp(example(), -1.0);
  EXPECT_DOUBLE_EQ(ramp_of(flat), 0.0);
  EXPECT_EQ(flat.confidence_at(7, 0), 0.9f);
  EXPECT_EQ(flat.predicted_at(7, 1), flat.predicted_at(7, 2));
  EXPECT_NEAR(ramp_of(with_ramp(example(), -0.5)), 0.25, 0.05);
}

/// The first exit keeps its answer on 1 - 0.4 of the samples, the second on 1 - 0.2, the last on all.
TEST(Ramp, SteepenedTheFirstExitsHaveNoAnswerOnSomeSamples) {
  const profile::CsProfile steep = with_ramp(example(), 0.4);
  EXPECT_NEAR(steep.accuracy(0), 0.5 * 0.6, 0.05);
  EXPECT_NEAR(steep.accuracy(1), 0.8, 0.05);
  EXPECT_EQ(steep.accuracy(2), 1.0);
  for (int i = 0; i < steep.samples(); ++i) {
    if (!steep.right(i, 1)) {
      EXPECT_FALSE(steep.right(i, 0));  // Once there is an answer, it stays.
      EXPECT_EQ(steep.confidence_at(i, 0), 0.3f);
    }
  }
}

TEST(Ramp, SeedDecidesAndTheRangeIsChecked) {
  EXPECT_EQ(with_ramp(example(), 0.4, 1).predicted, with_ramp(example(), 0.4, 1).predicted);
  EXPECT_NE(with_ramp(example(), 0.4, 1).predicted, with_ramp(example(), 0.4, 2).predicted);
  expect_error(ErrorKind::kUsage, "outside -1 to 1", [] { with_ramp(example(), 1.5); });
}

TEST(BranchRatio, ScalesAllBranches) {
  const plan::BlockTimes times{{1, 3}, {1, 1}, {}};
  EXPECT_DOUBLE_EQ(branch_ratio_of(times), 0.5);
  const plan::BlockTimes scaled = with_branch_ratio(times, 2.0);
  EXPECT_EQ(scaled.branch, (std::vector<double>{4, 4}));
  EXPECT_EQ(scaled.conv, times.conv);
  EXPECT_TRUE(std::isinf(branch_ratio_of({{0, 0}, {1, 1}, {}})));
  expect_error(ErrorKind::kUsage, "ratio", [&] { with_branch_ratio(times, -1.0); });
  expect_error(ErrorKind::kUsage, "ratio", [] { with_branch_ratio({{0, 0}, {1, 1}, {}}, 1.0); });
}

}  // namespace
}  // namespace einet::reproduce
