#include "predict/predictor.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "predict/mean_predictor.h"

namespace einet::predict {
namespace {

plan::ExitPlan exits_of(int exits, std::initializer_list<int> members) {
  plan::ExitPlan plan(exits);
  for (const int exit : members) plan.insert(exit);
  return plan;
}

TEST(EncodeSeen, FillsSkippedExitsFromThePreviousOneAndLaterOnesWithZero) {
  // Exit 0 skipped, 1 executed, 2 skipped, 3 executed, 4 and 5 not run yet; 9 = left from earlier runs.
  const std::vector<float> confidence = {9.0f, 0.4f, 9.0f, 0.7f, 9.0f, 9.0f};
  std::vector<float> row(6, -1.0f);
  encode_seen(confidence, exits_of(6, {1, 3}), 3, row);
  EXPECT_EQ(row, (std::vector<float>{0.0f, 0.4f, 0.4f, 0.7f, 0.0f, 0.0f}));
}

TEST(EncodeSeen, IgnoresExitsAfterTheLastOne) {
  std::vector<float> row(3, -1.0f);
  encode_seen(std::vector<float>{0.5f, 0.6f, 0.7f}, exits_of(3, {0, 2}), 1, row);
  EXPECT_EQ(row, (std::vector<float>{0.5f, 0.5f, 0.0f}));
}

TEST(MeanPredictor, PredictsItsMeansExceptForExecutedExits) {
  const auto predictor =
      mean_predictor(std::vector<double>{0.1, 0.2, 0.3, 1.5, std::numeric_limits<double>::quiet_NaN()});
  EXPECT_EQ(predictor->exits(), 5);
  std::vector<double> scores(5, -1.0);
  const std::vector<float> confidence = {0.75f, 0.0f, 0.5f, 0.0f, 0.0f};
  for (const auto& one : {predictor->clone(), mean_predictor(std::vector<double>{0.1, 0.2, 0.3, 1.0, 0.0})}) {
    one->predict(confidence, exits_of(5, {0, 2}), 2, scores);
    EXPECT_EQ(scores, (std::vector<double>{0.75, 0.2, 0.5, 1.0, 0.0}));
  }
}

}  // namespace
}  // namespace einet::predict
