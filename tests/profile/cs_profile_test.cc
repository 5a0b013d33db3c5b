#include "einet/profile/cs_profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <random>
#include <string>

#include "einet/exec/program.h"
#include "einet/graph/builder.h"
#include "einet/profile/et_profile.h"
#include "einet/profile/scores.h"
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

graph::Graph two_exits() {
  graph::Builder builder("tiny", 1, 8, 8, 7);
  const std::string trunk = builder.conv_bn_relu(builder.input(), 4, {.kernel = 3, .stride = 1, .padding = 1}, "a");
  const std::string first = builder.flatten(builder.global_average_pool(trunk, "p1"), "f1");
  builder.exit(builder.linear(first, 3, "l1"));
  const std::string deeper = builder.conv_bn_relu(trunk, 6, {.kernel = 3, .stride = 2, .padding = 1}, "b");
  const std::string second = builder.flatten(builder.global_average_pool(deeper, "p2"), "f2");
  builder.exit(builder.linear(second, 3, "l2"));
  return std::move(builder).build();
}

std::vector<float> image_of(int sample) {
  std::mt19937 random(sample);
  std::normal_distribution<float> normal;
  std::vector<float> image(64);
  std::generate(image.begin(), image.end(), [&] { return normal(random); });
  return image;
}

TEST(MeasureConfidences, SaysWhatEachSampleAloneSays) {
  const graph::Graph graph = two_exits();
  // Two whole batches and a partial one.
  std::vector<std::int32_t> labels(230);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(i % 3);
  const CsProfile profile = measure_confidences(graph, labels, [](int i, std::span<float> out) {
    const std::vector<float> image = image_of(i);
    std::copy(image.begin(), image.end(), out.begin());
  });
  ASSERT_EQ(profile.exits, 2);
  ASSERT_EQ(profile.samples(), 230);
  EXPECT_EQ(profile.labels, labels);

  const auto reference = exec::compile_reference(graph, {.batch = 1});
  const auto execution = reference->new_execution();
  const std::atomic<bool> never{false};
  for (const int sample : {0, 1, 99, 100, 199, 200, 229}) {
    execution->set_input(image_of(sample));
    for (int exit = 0; exit < 2; ++exit) {
      execution->run_conv_part(exit, never);
      execution->run_branch(exit, never);
      const TopOne top = top_one(execution->output(exit), graph::Head::kLogits);
      EXPECT_EQ(profile.predicted[sample * 2 + exit], top.label) << sample;
      EXPECT_NEAR(profile.confidence_at(sample, exit), top.confidence, 1e-4f) << sample;
    }
  }
}

TEST(MeasureConfidences, TakesFewerSamplesThanABatch) {
  const std::vector<std::int32_t> labels = {0, 1, 2};
  const CsProfile profile = measure_confidences(
      two_exits(), labels, [](int, std::span<float> out) { std::fill(out.begin(), out.end(), 0.5f); });
  EXPECT_EQ(profile.samples(), 3);
  EXPECT_EQ(profile.confidence_at(0, 1), profile.confidence_at(2, 1));
}

TEST(MeasureConfidences, RefusesNoSamplesAndNaN) {
  const auto zero = [](int, std::span<float> out) { std::fill(out.begin(), out.end(), 0.0f); };
  expect_error(ErrorKind::kInvalidData, "tiny: no samples", [&] { measure_confidences(two_exits(), {}, zero); });

  graph::Builder builder("linear", 1, 2, 2, 1);
  builder.exit(builder.linear(builder.flatten(builder.input(), "f"), 3, "l"));
  const graph::Graph linear = std::move(builder).build();
  const std::vector<std::int32_t> labels = {0, 1, 2};
  const auto nan_once = [](int sample, std::span<float> out) {
    std::fill(out.begin(), out.end(), sample == 1 ? std::numeric_limits<float>::quiet_NaN() : 0.0f);
  };
  expect_error(ErrorKind::kInvalidData, "exit1: answers sample 1 with NaN",
               [&] { measure_confidences(linear, labels, nan_once); });
}

// Two exits, four samples: the first exit says the same of three, the second of all.
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

TEST(MeasureTimes, TimesARealNetwork) {
  const EtProfile profile =
      measure_times(exec::compile(two_exits()), {.warm_up = Seconds(0), .budget = Seconds(0.01), .min_samples = 20});
  EXPECT_GE(profile.samples, 20);
  profile.validate("measured");
  EXPECT_EQ(profile.exits(), 2);
  EXPECT_GT(profile.times().total(), 0.0);
}

}  // namespace
}  // namespace einet::profile
