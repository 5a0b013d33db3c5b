#include "measure/confidences.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <random>

#include "exec/program.h"
#include "exec/scores.h"
#include "expect_error.h"
#include "graph/builder.h"
#include "measure/block_times.h"

namespace einet::measure {
namespace {

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

TEST(MeasureConfidences, BatchesGiveTheSameAsSingleSamples) {
  const graph::Graph graph = two_exits();
  // Two whole batches and a partial one.
  std::vector<std::int32_t> labels(230);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(i % 3);
  const profile::CsProfile profile = measure_confidences(graph, labels, [](int i, std::span<float> out) {
    const std::vector<float> image = image_of(i);
    std::copy(image.begin(), image.end(), out.begin());
  });
  ASSERT_EQ(profile.exits, 2);
  ASSERT_EQ(profile.samples(), 230);
  EXPECT_EQ(profile.labels, labels);

  const auto reference = exec::compile_reference(graph, {.batch = 1});
  const auto execution = reference->new_execution();
  for (const int sample : {0, 1, 99, 100, 199, 200, 229}) {
    execution->set_input(image_of(sample));
    for (int exit = 0; exit < 2; ++exit) {
      execution->run_conv_part(exit, exec::kNeverStop);
      execution->run_branch(exit, exec::kNeverStop);
      const exec::TopOne top = exec::top_one(execution->output(exit), graph::Head::kLogits);
      EXPECT_EQ(profile.predicted[sample * 2 + exit], top.label) << sample;
      EXPECT_NEAR(profile.confidence_at(sample, exit), top.confidence, 1e-4f) << sample;
    }
  }
}

TEST(MeasureConfidences, AcceptsFewerSamplesThanABatch) {
  const std::vector<std::int32_t> labels = {0, 1, 2};
  const profile::CsProfile profile = measure_confidences(
      two_exits(), labels, [](int, std::span<float> out) { std::fill(out.begin(), out.end(), 0.5f); });
  EXPECT_EQ(profile.samples(), 3);
  EXPECT_EQ(profile.confidence_at(0, 1), profile.confidence_at(2, 1));
}

TEST(MeasureConfidences, RejectsNoSamplesAndNaN) {
  const auto zero = [](int, std::span<float> out) { std::fill(out.begin(), out.end(), 0.0f); };
  expect_error(ErrorKind::kInvalidData, "tiny: there are no samples",
               [&] { measure_confidences(two_exits(), {}, zero); });

  graph::Builder builder("linear", 1, 2, 2, 1);
  builder.exit(builder.linear(builder.flatten(builder.input(), "f"), 3, "l"));
  const graph::Graph linear = std::move(builder).build();
  const std::vector<std::int32_t> labels = {0, 1, 2};
  const auto nan_once = [](int sample, std::span<float> out) {
    std::fill(out.begin(), out.end(), sample == 1 ? std::numeric_limits<float>::quiet_NaN() : 0.0f);
  };
  expect_error(ErrorKind::kInvalidData, "exit1: gives NaN or an invalid probability for sample 1",
               [&] { measure_confidences(linear, labels, nan_once); });
}

TEST(MeasureTimes, TimesARealNetwork) {
  const profile::EtProfile profile =
      measure_times(exec::compile(two_exits()), {.warm_up = Seconds(0), .budget = Seconds(0.01), .min_samples = 20});
  EXPECT_GE(profile.samples, 20);
  profile.validate("measured");
  EXPECT_EQ(profile.exits(), 2);
  EXPECT_GT(profile.times().total(), 0.0);
}

}  // namespace
}  // namespace einet::measure
