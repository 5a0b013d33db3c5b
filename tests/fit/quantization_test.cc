#include "fit/quantization.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "exec/program.h"
#include "expect_error.h"
#include "fit/range.h"
#include "graph/builder.h"
#include "graph/quantization/fold_normalization.h"
#include "graph/quantization/quantize.h"

namespace einet::fit {
namespace {

Distribution observed(const std::vector<float>& values) {
  Distribution distribution;
  distribution.find_range(values);
  distribution.count(values);
  return distribution;
}

double squared_error(const std::vector<float>& values, const graph::Grid& grid) {
  double sum = 0.0;
  for (const float value : values) {
    const double difference = double{graph::dequantized(graph::quantized(value, grid), grid)} - value;
    sum += difference * difference;
  }
  return sum;
}

TEST(Range, RulesAreParsed) {
  EXPECT_EQ(parse_range_rule("max").kind, RangeRule::kLargest);
  EXPECT_EQ(parse_range_rule("mse").kind, RangeRule::kLeastError);
  EXPECT_EQ(parse_range_rule("99.9").percentile, 99.9);
  for (const char* text : {"", "most", "12", "100.5", "99x", "nan"}) {
    expect_error(ErrorKind::kUsage, "range '" + std::string(text) + "': must be mse, max",
                 [&] { parse_range_rule(text); });
  }
}

TEST(Range, UsesUnsignedBytesForValuesThatAreNotNegative) {
  const graph::Grid grid = observed({0.0f, 1.0f, 51.0f}).grid({RangeRule::kLargest});
  EXPECT_EQ(grid, (graph::Grid{0.2f, 0, 0, 255}));
  EXPECT_EQ(observed({-63.5f, 1.0f}).grid({RangeRule::kLargest}), (graph::Grid{0.5f, 0, -128, 127}));
  EXPECT_EQ(observed({0.0f, 0.0f}).grid({}).scale, 1.0f);
}

TEST(Range, PercentileLeavesOutTheLargest) {
  std::vector<float> values;
  for (int i = 1; i <= 1000; ++i) values.push_back(static_cast<float>(i));
  const graph::Grid grid = observed(values).grid({RangeRule::kPercentile, 90.0});
  EXPECT_NEAR(grid.scale * 255.0f, 900.0f, 1.0f);
}

// Of the same 100 limits, with the values themselves instead of a histogram.
TEST(Range, LeastErrorIsThatOfTheBestLimit) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (int i = 0; i < 20; ++i) {
    std::vector<float> values(3000);
    for (float& value : values) value = normal(random) * std::exp(normal(random));
    if (i % 2 == 0) std::ranges::for_each(values, [](float& value) { value = std::max(value, 0.0f); });
    const graph::Grid found = observed(values).grid({RangeRule::kLeastError});
    graph::Grid grid = found;
    float largest = 0.0f;
    for (const float value : values) largest = std::max(largest, std::abs(value));
    double least = std::numeric_limits<double>::infinity();
    for (int limit = 1; limit <= 100; ++limit) {
      grid.scale = largest * static_cast<float>(limit) / 100.0f / static_cast<float>(grid.high);
      least = std::min(least, squared_error(values, grid));
    }
    EXPECT_LT(squared_error(values, found), 1.05 * least);
  }
}

// Two exits; the values of its normalisations are random.
graph::Graph network() {
  graph::Builder build("net", 3, 12, 12, 5);
  std::string x = build.conv_bn_relu(build.input(), 16, {}, "first");
  const std::string pooled = build.max_pool(x, {.kernel = 2, .stride = 2, .padding = 0}, "pool");
  build.exit(build.linear(build.flatten(build.conv_bn_relu(pooled, 16, {}, "branch"), "flat"), 4, "fc1"));
  const std::string y = build.conv_bn_relu(x, 16, {}, "second");
  x = build.add(x, y, "sum");
  build.exit(build.linear(build.flatten(x, "flat2"), 4, "fc2"));
  graph::Graph graph = std::move(build).build();
  std::mt19937 random(2);
  std::uniform_real_distribution<float> positive(0.5f, 2.0f);
  for (const graph::Node& node : graph.nodes) {
    if (node.op != "BatchNormalization") continue;
    for (std::size_t i = 1; i < 5; ++i) {
      for (float& value : graph.initializers.at(node.inputs[i]).floats()) value = positive(random);
    }
  }
  return graph;
}

std::vector<float> outputs(const graph::Graph& graph, std::span<const float> input) {
  const auto program = exec::compile_reference(graph);
  const auto execution = program->new_execution();
  execution->set_input(input);
  std::vector<float> all;
  for (int exit = 0; exit < program->exits(); ++exit) {
    exec::require_done(execution->run_conv_part(exit, exec::kNeverStop));
    exec::require_done(execution->run_branch(exit, exec::kNeverStop));
    all.insert(all.end(), execution->output(exit).begin(), execution->output(exit).end());
  }
  return all;
}

void image(int i, std::span<float> out) {
  std::mt19937 random(static_cast<unsigned>(i));
  std::normal_distribution<float> normal;
  for (float& value : out) value = normal(random);
}

TEST(FoldNormalization, ChangesNothing) {
  const graph::Graph graph = network(), folded = graph::with_folded_normalization(graph);
  for (const graph::Node& node : folded.nodes) EXPECT_NE(node.op, "BatchNormalization");
  std::vector<float> input(3 * 12 * 12);
  image(1, input);
  const auto expected = outputs(graph, input), actual = outputs(folded, input);
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(actual[i], expected[i], 1e-4f * (1 + std::abs(expected[i])));
}

TEST(Quantize, RoundsBeforeMaximaAndNotTheOnlyChannelOfAnImage) {
  const graph::Graph graph = graph::with_folded_normalization(network());
  const auto layers = graph::quantizable_layers(graph);
  ASSERT_EQ(layers.size(), 3u);  // Of the fully connected layers, none is large enough.
  EXPECT_EQ(layers[0].source, graph.inputs[0].name);
  EXPECT_EQ(layers[1].source, "first.relu");  // Behind a MaxPool.
  EXPECT_EQ(layers[2].source, "first.relu");
  graph::Builder gray("gray", 1, 32, 32, 5);
  gray.exit(gray.linear(gray.flatten(gray.conv(gray.input(), 16, {}, "conv"), "flat"), 2, "fc"));
  const auto rest = graph::quantizable_layers(std::move(gray).build());
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].node, "fc");
}

TEST(Quantize, WeightsAreNearAndOutputsSimilar) {
  const graph::Graph graph = graph::with_folded_normalization(network());
  const auto layers = graph::quantizable_layers(graph);
  const Images images{40, image};
  const auto distributions = observe(graph, {layers[0].source, layers[1].source}, images);
  std::map<std::string, graph::Grid> grids;
  for (const auto& [value, distribution] : distributions) grids[value] = distribution.grid({});
  const graph::Graph quantized = graph::quantize(graph, layers, grids);
  quantized.validate();
  EXPECT_FALSE(graph::is_quantized(graph));
  EXPECT_TRUE(graph::is_quantized(quantized));
  for (const graph::Node& node : graph.nodes) {
    if (node.op != "Conv") continue;
    const auto same = std::ranges::find(quantized.nodes, node.name, &graph::Node::name);
    const auto &before = graph.constant(node.inputs[1])->floats(),
               &after = quantized.constant(same->inputs[1])->floats();
    const auto& scales = quantized.quantized.at(same->inputs[1]).scales;
    for (std::size_t i = 0; i < before.size(); ++i) {
      ASSERT_LE(std::abs(before[i] - after[i]), 0.501f * scales[i / (before.size() / scales.size())]);
    }
    EXPECT_TRUE(graph::integers(*quantized.constant(same->inputs[1]), quantized.quantized.at(same->inputs[1])));
    EXPECT_TRUE(graph::integers(*quantized.constant(same->inputs[2]), quantized.quantized.at(same->inputs[2])));
  }
  std::vector<float> input(3 * 12 * 12);
  image(99, input);
  const auto expected = outputs(graph, input), actual = outputs(quantized, input);
  float most = 0.0f;
  for (const float value : expected) most = std::max(most, std::abs(value));
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 0.05f * most);
}

TEST(QuantizeNetwork, RefusesWhatCannotBeQuantised) {
  const graph::Graph graph = network();
  const std::vector<std::int32_t> labels(20, 1);
  const Images images{20, image};
  expect_error(ErrorKind::kUsage, "loss -1.000000: must not be negative",
               [&] { quantize_network(graph, "net", images, images, labels, {.max_loss = -1.0}); });
  const Quantization result = quantize_network(graph, "net", images, images, labels, {.max_loss = 100.0});
  EXPECT_EQ(result.quantized.size(), 3u);
  EXPECT_TRUE(result.returned.empty());
  expect_error(ErrorKind::kUsage, "net: is quantised already",
               [&] { quantize_network(result.graph, "net", images, images, labels, {}); });
  graph::Builder small("small", 1, 4, 4, 5);
  small.exit(small.linear(small.flatten(small.input(), "flat"), 2, "fc"));
  expect_error(ErrorKind::kInvalidData, "small: has no convolution",
               [&] { quantize_network(std::move(small).build(), "small", images, images, labels, {}); });
}

// The labels are the answers of the float network, so any change of an answer is a loss.
TEST(QuantizeNetwork, ReturnsLayersUntilNoExitLosesMore) {
  const graph::Graph graph = network();
  const Images images{200, image};
  std::vector<std::int32_t> labels;
  for (int i = 0; i < images.count; ++i) {
    std::vector<float> input(3 * 12 * 12);
    image(i, input);
    const auto all = outputs(graph, input);
    labels.push_back(static_cast<std::int32_t>(std::max_element(all.begin() + 4, all.end()) - all.begin() - 4));
  }
  try {
    const Quantization result = quantize_network(graph, "net", images, images, labels, {.max_loss = 0.4});
    for (std::size_t i = 0; i < result.before.size(); ++i) {
      EXPECT_LE(100 * (result.before[i] - result.after[i]), 0.4 + 1e-6);
    }
    EXPECT_EQ(result.quantized.size() + result.returned.size(), 3u);
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("--max-loss"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace einet::fit
