#include "fit/remembering_predictor.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "predict/mask.h"

namespace einet::fit {
namespace {

constexpr int kExits = 5;

/// Scores that depend on the whole input row; counts how often they are computed.
class CountingPredictor final : public predict::Predictor {
 public:
  explicit CountingPredictor(std::shared_ptr<int> count) : count_(std::move(count)) {}
  int exits() const noexcept override { return kExits; }
  void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
               std::span<double> scores) noexcept override {
    ++*count_;
    std::vector<float> row(kExits);
    predict::encode_seen(confidence, executed, exit, row);
    double sum = 0.0;
    for (int k = 0; k < kExits; ++k) {
      sum += row[k];
      scores[k] = sum / (k + 2.0);
    }
    predict::mask_seen(confidence, executed, exit, scores);
  }
  std::unique_ptr<Predictor> clone() const override { return std::make_unique<CountingPredictor>(count_); }

 private:
  std::shared_ptr<int> count_;
};

TEST(RememberingPredictor, HasTheScoresOfItsPredictorAndComputesEachOnce) {
  const auto count = std::make_shared<int>(0), remembered_count = std::make_shared<int>(0);
  CountingPredictor plain(count);
  const auto remembering = remembering_predictor(std::make_unique<CountingPredictor>(remembered_count));
  std::mt19937_64 random(1);
  std::vector<std::vector<float>> samples(8, std::vector<float>(kExits));
  for (auto& sample : samples) {
    for (float& confidence : sample) confidence = std::uniform_real_distribution<float>(0.1f, 1.0f)(random);
  }
  for (int repetition = 0; repetition < 3; ++repetition) {
    const auto clone = remembering->clone();
    for (const auto& sample : samples) {
      for (int exit = 0; exit < kExits; ++exit) {
        plan::ExitPlan executed(kExits);
        executed.insert(0);
        executed.insert(exit);
        std::vector<double> expected(kExits), actual(kExits);
        plain.predict(sample, executed, exit, expected);
        clone->predict(sample, executed, exit, actual);
        EXPECT_EQ(actual, expected);
      }
    }
  }
  EXPECT_EQ(*count, 3 * 8 * kExits);
  EXPECT_EQ(*remembered_count, 8 * kExits);
}

/// Exits 0 and 1 have the same confidence, so that the input row is the same whether exit 1 is executed or not.
TEST(RememberingPredictor, MasksTheExitsOfTheCall) {
  const auto remembering = remembering_predictor(std::make_unique<CountingPredictor>(std::make_shared<int>(0)));
  CountingPredictor plain(std::make_shared<int>(0));
  const std::vector<float> confidence = {0.5f, 0.5f, 0.7f, 0.0f, 0.0f};
  plan::ExitPlan fewer(kExits), more(kExits);
  for (const int exit : {0, 2}) fewer.insert(exit);
  for (const int exit : {0, 1, 2}) more.insert(exit);
  std::vector<double> expected(kExits), actual(kExits);
  remembering->predict(confidence, fewer, 2, actual);
  remembering->predict(confidence, more, 2, actual);
  plain.predict(confidence, more, 2, expected);
  EXPECT_EQ(actual, expected);
}

TEST(RememberingPredictor, IsRightBeyondItsLimit) {
  const auto count = std::make_shared<int>(0);
  const auto remembering = remembering_predictor(std::make_unique<CountingPredictor>(count), 1);
  CountingPredictor plain(std::make_shared<int>(0));
  for (int repetition = 0; repetition < 2; ++repetition) {
    for (const float first : {0.25f, 0.75f}) {
      const std::vector<float> confidence = {first, 0.0f, 0.0f, 0.0f, 0.0f};
      plan::ExitPlan executed(kExits);
      executed.insert(0);
      std::vector<double> expected(kExits), actual(kExits);
      plain.predict(confidence, executed, 0, expected);
      remembering->predict(confidence, executed, 0, actual);
      EXPECT_EQ(actual, expected);
    }
  }
  EXPECT_EQ(*count, 3);  // Only the first is kept.
}

}  // namespace
}  // namespace einet::fit
