#include "predict/combination.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "exec/scores.h"
#include "expect_error.h"

namespace einet::predict {
namespace {

std::vector<std::vector<float>> random_logits(int exits, int classes, std::mt19937_64& random) {
  std::normal_distribution<float> normal(0.0f, 3.0f);
  std::vector<std::vector<float>> logits(exits, std::vector<float>(classes));
  for (auto& row : logits) {
    for (float& value : row) value = normal(random);
  }
  return logits;
}

TEST(Combiner, WithWeightsZeroAndOneGivesTheLatestAnswer) {
  std::mt19937_64 random(1);
  for (int instance = 0; instance < 300; ++instance) {
    const int exits = 1 + static_cast<int>(random() % 6), classes = 2 + static_cast<int>(random() % 30);
    Combiner combiner(std::make_shared<CombinationWeights>(CombinationWeights{.keep = std::vector<double>(exits, 0.0),
                                                                              .add = std::vector<double>(exits, 1.0)}),
                      classes);
    std::vector<float> log_probabilities(classes);
    const auto logits = random_logits(exits, classes, random);
    for (int exit = 0; exit < exits; ++exit) {
      const auto latest = exec::top_one(logits[exit], graph::Head::kLogits);
      exec::log_probabilities(logits[exit], graph::Head::kLogits, latest, log_probabilities);
      const auto combined = combiner.add(exit, log_probabilities);
      EXPECT_EQ(combined.label, latest.label);
      EXPECT_NEAR(combined.confidence, latest.confidence, 1e-5f);
    }
  }
}

TEST(Combiner, EqualsTheWeightedSum) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> uniform(0.1, 1.2);
  for (int instance = 0; instance < 100; ++instance) {
    const int exits = 5, classes = 7;
    auto weights = std::make_shared<CombinationWeights>();
    for (int exit = 0; exit < exits; ++exit) {
      weights->keep.push_back(uniform(random));
      weights->add.push_back(uniform(random));
    }
    Combiner combiner(weights, classes);
    for (int run = 0; run < 2; ++run) {  // The second run starts from scratch.
      combiner.reset();
      const auto logits = random_logits(exits, classes, random);
      std::vector<double> z(classes, 0.0);
      for (int exit = 0; exit < exits; ++exit) {
        if (random() % 2) continue;
        double sum = 0.0;
        for (const float logit : logits[exit]) sum += std::exp(double(logit));
        std::vector<float> log_probabilities;
        for (int k = 0; k < classes; ++k) {
          log_probabilities.push_back(static_cast<float>(logits[exit][k] - std::log(sum)));
          z[k] = weights->keep[exit] * z[k] + weights->add[exit] * (logits[exit][k] - std::log(sum));
        }
        const auto found = combiner.add(exit, log_probabilities);
        double total = 0.0;
        for (const double value : z) total += std::exp(value);
        EXPECT_NEAR(found.confidence, std::exp(z[found.label]) / total, 1e-4);
        for (const double value : z) EXPECT_GE(z[found.label], value - 1e-4);
      }
    }
  }
}

TEST(CombinationWeights, RoundTripsAsJson) {
  const CombinationWeights before{.keep = {0.5, 0.25}, .add = {1.0, 2.0}, .gain = 0.01, .gain_stderr = 0.002};
  const CombinationWeights after = combination_weights_from_json(to_json(before), "combination.json");
  EXPECT_EQ(after.keep, before.keep);
  EXPECT_EQ(after.add, before.add);
  EXPECT_EQ(after.gain, before.gain);
  EXPECT_EQ(after.gain_stderr, before.gain_stderr);
}

TEST(CombinationWeights, PayAboveTwoStandardErrors) {
  EXPECT_FALSE((CombinationWeights{.keep = {0}, .add = {1}}).pays());
  EXPECT_FALSE((CombinationWeights{.keep = {0}, .add = {1}, .gain = 0.01, .gain_stderr = 0.005}).pays());
  EXPECT_TRUE((CombinationWeights{.keep = {0}, .add = {1}, .gain = 0.011, .gain_stderr = 0.005}).pays());
}

TEST(CombinationWeights, RejectsInvalidWeights) {
  const auto expect_fault = [](const std::string& fault, const auto& change) {
    nlohmann::json json = to_json(CombinationWeights{.keep = {0.5, 0.25}, .add = {1.0, 2.0}});
    change(json);
    expect_error(ErrorKind::kInvalidData, "combination.json",
                 [&] { combination_weights_from_json(json, "combination.json"); });
    expect_error(ErrorKind::kInvalidData, fault, [&] { combination_weights_from_json(json, "combination.json"); });
  };
  expect_fault("'add'", [](auto& json) { json["add"] = {1.0}; });
  expect_fault("has no weights", [](auto& json) { json["keep"] = json["add"] = nlohmann::json::array(); });
  expect_fault("keep", [](auto& json) { json["keep"][0] = -0.5; });
  expect_fault("101", [](auto& json) { json["add"][1] = 101; });
  expect_fault("add", [](auto& json) { json["add"][1] = nullptr; });
  expect_fault("gain", [](auto& json) { json["gain"] = 2.0; });
  expect_fault("version", [](auto& json) { json["version"] = 2; });
  expect_fault("keep", [](auto& json) { json.erase("keep"); });
}

}  // namespace
}  // namespace einet::predict
