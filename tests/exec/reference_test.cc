// The reference executor's operators on cases computed by hand. The other executor runs the same cases, because small,
// unusual cases are also those that fast kernels get wrong.

#include <gtest/gtest.h>

#include <cmath>

#include "exec/networks.h"
#include "exec/runs.h"

namespace einet::exec {
namespace {

constexpr std::int64_t kBatch = -1;

using Floats = std::vector<float>;
using Ints = std::vector<std::int64_t>;

Floats counting(int count) {
  Floats values;
  for (int i = 1; i <= count; ++i) values.push_back(static_cast<float>(i));
  return values;
}

// Expects that `value` is `expected` for this input, in both executors.
void expect(GraphMaker& make, const std::string& value, const Floats& input, const Floats& expected,
            std::int64_t batch = 1) {
  make.exit(value);
  const graph::Graph graph = make.build();
  for (const auto& program : {compile_reference(graph, {batch}), compile(graph, {batch})}) {
    const Outputs outputs = run(*program, input);
    ASSERT_EQ(outputs[0].size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(outputs[0][i], expected[i], 1e-5) << "at " << i;
  }
}

TEST(Conv, SumsAWindowOfEveryChannel) {
  // 1 2 3     taps  1 0     1*1+5*2 = 11   2*1+6*2 = 14
  // 4 5 6           0 2     4*1+8*2 = 20   5*1+9*2 = 23; a second channel of ones under taps of 1 adds 4; bias 0.5
  // 7 8 9
  GraphMaker make({kBatch, 2, 3, 3});
  Floats input = counting(9);
  input.resize(18, 1.0f);
  const auto w = make.weight({1, 2, 2, 2}, {1, 0, 0, 2, 1, 1, 1, 1});
  expect(make, make.add("Conv", {"input", w, make.weight({1}, {0.5f})}), input, {15.5f, 18.5f, 24.5f, 27.5f});
}

TEST(Conv, StridesAndPads) {
  // Zeros around 1 2 / 3 4, stride 2: each of the four 2x2 windows of the padded 4x4 grid contains one of the numbers.
  GraphMaker make({kBatch, 1, 2, 2});
  const auto w = make.weight({1, 1, 2, 2}, {1, 10, 100, 1000});
  expect(make, make.add("Conv", {"input", w}, {{"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}}), counting(4),
         {1000.0f, 200.0f, 30.0f, 4.0f});
}

TEST(Conv, Dilates) {
  // Taps two apart: 1*1 + 3*2 + 7*3 + 9*4 = 64.
  GraphMaker make({kBatch, 1, 3, 3});
  const auto w = make.weight({1, 1, 2, 2}, {1, 2, 3, 4});
  expect(make, make.add("Conv", {"input", w}, {{"dilations", Ints{2, 2}}}), counting(9), {64.0f});
}

TEST(Conv, PadsAutomaticallyAtOneSideFirst) {
  // Two taps on 1 2 3 give 3 outputs with one zero, after (upper) or before (lower).
  const auto padded = [](const char* where, const Floats& expected) {
    GraphMaker make({kBatch, 1, 1, 3});
    const auto w = make.weight({1, 1, 1, 2}, {1, 10});
    expect(make, make.add("Conv", {"input", w}, {{"auto_pad", std::string(where)}}), counting(3), expected);
  };
  padded("SAME_UPPER", {21.0f, 32.0f, 3.0f});
  padded("SAME_LOWER", {10.0f, 21.0f, 32.0f});
}

TEST(Conv, GroupsReadTheirOwnChannels) {
  GraphMaker make({kBatch, 4, 1, 1});
  const auto w = make.weight({2, 2, 1, 1}, {1, 10, 100, 1000});
  expect(make, make.add("Conv", {"input", w}, {{"group", std::int64_t{2}}}), counting(4), {21.0f, 4300.0f});
}

TEST(Pool, ComputesTheMaximum) {
  GraphMaker make({kBatch, 1, 3, 3});
  // Negative, so that a padding counted as 0 would be noticed.
  expect(make,
         make.add("MaxPool", {"input"},
                  {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 0, 0}}}),
         {-1, -2, -3, -4, -5, -6, -7, -8, -9}, {-1, -2, -4, -5});
}

TEST(Pool, CeilModeAddsAWindow) {
  GraphMaker make({kBatch, 1, 1, 4});
  // Windows of 3 at 0 and 2; the second has only 3 4.
  expect(make,
         make.add("MaxPool", {"input"},
                  {{"kernel_shape", Ints{1, 3}}, {"strides", Ints{1, 2}}, {"ceil_mode", std::int64_t{1}}}),
         {9, 2, 3, 4}, {9, 4});
}

TEST(Pool, AveragesWithAndWithoutPadding) {
  const auto average = [](std::int64_t include, const Floats& expected) {
    GraphMaker make({kBatch, 1, 1, 4});
    expect(make,
           make.add("AveragePool", {"input"},
                    {{"kernel_shape", Ints{1, 3}},
                     {"strides", Ints{1, 2}},
                     {"pads", Ints{0, 1, 0, 0}},
                     {"ceil_mode", std::int64_t{1}},
                     {"count_include_pad", include}}),
           {2, 4, 6, 8}, expected);
  };
  // Windows (pad 2 4), (4 6 8), and no third: it would start after the input.
  average(0, {3.0f, 6.0f});
  average(1, {2.0f, 6.0f});
}

TEST(Pool, CeilModeAveragesOnlyTheDeclaredPadding) {
  GraphMaker make({kBatch, 1, 1, 4});
  // Windows of 3, stride 2, no pads: (2 4 6) and (6 8 beyond), where beyond is not padding.
  expect(make,
         make.add("AveragePool", {"input"},
                  {{"kernel_shape", Ints{1, 3}},
                   {"strides", Ints{1, 2}},
                   {"ceil_mode", std::int64_t{1}},
                   {"count_include_pad", std::int64_t{1}}}),
         {2, 4, 6, 8}, {4.0f, 7.0f});
}

TEST(Pool, GlobalAveragesEveryChannel) {
  GraphMaker make({kBatch, 2, 2, 2});
  expect(make, make.add("GlobalAveragePool", {"input"}), counting(8), {2.5f, 6.5f});
}

TEST(Matrix, GemmScalesTransposesAndBroadcasts) {
  GraphMaker make({kBatch, 2});
  // 2 * (1 2) * (1 2; 3 4)^T + 3 * (1 10) = 2 * (5 11) + (3 30)
  const auto w = make.weight({2, 2}, {1, 2, 3, 4}), b = make.weight({2}, {1, 10});
  expect(make, make.add("Gemm", {"input", w, b}, {{"alpha", 2.0f}, {"beta", 3.0f}, {"transB", std::int64_t{1}}}),
         counting(2), {13.0f, 52.0f});
}

TEST(Matrix, MatMulOfEveryRow) {
  GraphMaker make({kBatch, 2});
  const auto w = make.weight({2, 3}, {1, 2, 3, 4, 5, 6});
  expect(make, make.add("MatMul", {"input", w}), {1, 2, 3, 4}, {9, 12, 15, 19, 26, 33}, 2);
}

TEST(Matrix, FlattenedFeaturesKeepOnnxOrder) {
  // Channel 0 is 1 2, channel 1 is 3 4: weights 1 10 100 1000 apply to 1 2 3 4 in this order, whatever the memory
  // order.
  GraphMaker make({kBatch, 2, 1, 2});
  const auto w = make.weight({4, 1}, {1, 10, 100, 1000});
  const auto flat = make.add("Reshape", {"input", make.integers({0, -1})});
  expect(make, make.add("MatMul", {flat, w}), counting(4), {4321.0f});
}

TEST(Normalization, BatchNormalizationIsPerChannel) {
  // Channel 0: (x - 1) / 2 * 3 + 4; channel 1: (x - 2) / 1 * 1 + 0.
  GraphMaker make({kBatch, 2, 1, 2});
  const auto scale = make.weight({2}, {3, 1}), shift = make.weight({2}, {4, 0});
  const auto mean = make.weight({2}, {1, 2}), variance = make.weight({2}, {4, 1});
  expect(make, make.add("BatchNormalization", {"input", scale, shift, mean, variance}, {{"epsilon", 0.0f}}),
         {1, 3, 5, 2}, {4, 7, 3, 0});
}

TEST(Normalization, LrnDividesByTheNeighbours) {
  // size 3, alpha 3, beta 1, bias 1: x / (1 + sum of squares of the channel and its neighbours).
  GraphMaker make({kBatch, 3, 1, 1});
  expect(make, make.add("LRN", {"input"}, {{"size", std::int64_t{3}}, {"alpha", 3.0f}, {"beta", 1.0f}, {"bias", 1.0f}}),
         {1, 2, 3}, {1.0f / 6, 2.0f / 15, 3.0f / 14});
}

TEST(Normalization, LrnOfEvenSizeReachesFurtherForward) {
  // size 2: the channel and the next one. beta 0.75 of 1 + 15 = 16 gives 1/8.
  GraphMaker make({kBatch, 2, 1, 1});
  const float last = 15.0f / std::pow(226.0f, 0.75f);
  expect(make,
         make.add("LRN", {"input"}, {{"size", std::int64_t{2}}, {"alpha", 2.0f}, {"beta", 0.75f}, {"bias", 1.0f}}),
         {0, 15}, {0.0f, last});
  GraphMaker other({kBatch, 2, 1, 1});
  expect(other,
         other.add("LRN", {"input"}, {{"size", std::int64_t{2}}, {"alpha", 2.0f}, {"beta", 0.75f}, {"bias", 7.0f}}),
         {3, 0}, {3.0f / 8, 0.0f});
}

TEST(Normalization, SoftmaxOfEveryRow) {
  GraphMaker make({kBatch, 2});
  const float low = 1.0f / (1.0f + std::exp(1.0f));
  expect(make, make.add("Softmax", {"input"}), {0, 0, 1000, 1001}, {0.5f, 0.5f, low, 1.0f - low}, 2);
}

TEST(Activation, EachFunction) {
  const auto one = [](const std::string& op, std::map<std::string, graph::Attribute> attributes,
                      const Floats& expected) {
    GraphMaker make({kBatch, 4});
    expect(make, make.add(op, {"input"}, std::move(attributes)), {-2, 0, 0.5f, 2}, expected);
  };
  one("Relu", {}, {0, 0, 0.5f, 2});
  one("LeakyRelu", {{"alpha", 0.1f}}, {-0.2f, 0, 0.5f, 2});
  one("Sigmoid", {}, {0.1192029f, 0.5f, 0.6224593f, 0.8807971f});
  one("Tanh", {}, {-0.9640276f, 0, 0.4621172f, 0.9640276f});
  one("Identity", {}, {-2, 0, 0.5f, 2});
  one("Dropout", {}, {-2, 0, 0.5f, 2});
}

TEST(Activation, ClipNeedsNeitherBound) {
  const Floats input = {-2, 0, 0.5f, 2};
  GraphMaker both({kBatch, 4}), low({kBatch, 4}), high({kBatch, 4});
  expect(both, both.add("Clip", {"input", both.weight({}, {-1}), both.weight({}, {1})}), input, {-1, 0, 0.5f, 1});
  expect(low, low.add("Clip", {"input", low.weight({}, {-1})}), input, {-1, 0, 0.5f, 2});
  expect(high, high.add("Clip", {"input", "", high.weight({}, {1})}), input, {-2, 0, 0.5f, 1});
}

TEST(Arithmetic, ConstantsBroadcastOverPixels) {
  const Floats input = {1, 2, 3, 4};
  const auto each = [&](const std::string& op, bool constant_first, const Floats& expected) {
    GraphMaker make({kBatch, 2, 1, 2});
    const auto c = make.weight({2, 1, 1}, {10, 100});
    expect(make, constant_first ? make.add(op, {c, "input"}) : make.add(op, {"input", c}), input, expected);
  };
  each("Add", false, {11, 12, 103, 104});
  each("Sub", false, {-9, -8, -97, -96});
  each("Sub", true, {9, 8, 97, 96});
  each("Mul", true, {10, 20, 300, 400});
}

TEST(Arithmetic, OfTwoValues) {
  GraphMaker make({kBatch, 2, 1, 2});
  const auto doubled = make.add("Add", {"input", "input"});
  const auto square = make.add("Mul", {"input", "input"});
  expect(make, make.add("Sub", {square, doubled}), {1, 2, 3, 4}, {-1, 0, 3, 8});
}

TEST(Arrangement, ConcatOfChannels) {
  GraphMaker make({kBatch, 1, 1, 2});
  const auto negative = make.add("Mul", {"input", make.weight({}, {-1})});
  const auto two = make.add("Concat", {"input", negative}, {{"axis", std::int64_t{1}}});
  expect(make, make.add("Concat", {two, "input"}, {{"axis", std::int64_t{-3}}}), {1, 2, 3, 4},
         {1, 2, -1, -2, 1, 2, 3, 4, -3, -4, 3, 4}, 2);
}

}  // namespace
}  // namespace einet::exec
