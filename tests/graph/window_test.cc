#include "graph/window.h"

#include <gtest/gtest.h>

#include <random>

#include "expect_error.h"

namespace einet::graph {
namespace {

using Ints = std::vector<std::int64_t>;

Node pool(std::map<std::string, Attribute> attributes) { return {"MaxPool", "p", {"x"}, {"y"}, std::move(attributes)}; }

std::int64_t size(std::int64_t input, std::int64_t kernel, std::map<std::string, Attribute> attributes) {
  return window_geometry(pool(std::move(attributes)), {1, 1, input}, {kernel}).output[0];
}

TEST(Window, SizesByHand) {
  EXPECT_EQ(size(32, 3, {{"pads", Ints{1, 1}}}), 32);
  EXPECT_EQ(size(32, 3, {{"strides", Ints{2}}, {"pads", Ints{1, 1}}}), 16);
  EXPECT_EQ(size(32, 3, {{"strides", Ints{2}}}), 15);
  EXPECT_EQ(size(32, 3, {{"strides", Ints{2}}, {"ceil_mode", std::int64_t{1}}}), 16);
  EXPECT_EQ(size(16, 3, {{"strides", Ints{2}}, {"ceil_mode", std::int64_t{1}}}), 8);
  EXPECT_EQ(size(10, 3, {{"dilations", Ints{2}}}), 6);
  // The third window would begin at 4, beyond the input.
  EXPECT_EQ(size(4, 1, {{"strides", Ints{2}}, {"ceil_mode", std::int64_t{1}}}), 2);
}

TEST(Window, CoveredPadding) {
  const auto covered = [](std::int64_t input, std::int64_t kernel, std::map<std::string, Attribute> attributes) {
    const Ints size{input};
    return covered_padding(window_geometry(pool(std::move(attributes)), {1, 1, input}, {kernel}), size);
  };
  EXPECT_EQ(covered(32, 3, {{"pads", Ints{1, 1}}}), Ints{1});
  // The windows begin at -1, 1, …, 29: the last ends with the input, and the declared padding is not used.
  EXPECT_EQ(covered(32, 3, {{"strides", Ints{2}}, {"pads", Ints{1, 1}}}), Ints{0});
  EXPECT_EQ(covered(32, 3, {{"strides", Ints{2}}}), Ints{0});
  EXPECT_EQ(covered(32, 3, {{"strides", Ints{2}}, {"ceil_mode", std::int64_t{1}}}), Ints{1});
  EXPECT_EQ(covered(10, 3, {{"dilations", Ints{2}}, {"pads", Ints{0, 3}}}), Ints{3});
}

TEST(Window, AutoPad) {
  const auto geometry = [](const char* auto_pad) {
    return window_geometry(pool({{"auto_pad", std::string(auto_pad)}, {"strides", Ints{2}}}), {1, 1, 6}, {3});
  };
  EXPECT_EQ(geometry("SAME_UPPER").output, Ints{3});
  EXPECT_EQ(geometry("SAME_UPPER").pads_begin, Ints{0});
  EXPECT_EQ(geometry("SAME_UPPER").pads_end, Ints{1});
  EXPECT_EQ(geometry("SAME_LOWER").pads_begin, Ints{1});
  EXPECT_EQ(geometry("SAME_LOWER").pads_end, Ints{0});
  EXPECT_EQ(geometry("VALID").output, Ints{2});
  expect_error(ErrorKind::kInvalidData, "unknown auto_pad 'SOME'", [&] { geometry("SOME"); });
}

// Oracle: slide the window and count. In floor mode it must fit; in ceil mode it must begin in the input or left
// padding.
TEST(Window, AgreesWithSliding) {
  std::mt19937 random(5);
  for (int i = 0; i < 5000; ++i) {
    const std::int64_t input = 1 + random() % 20, kernel = 1 + random() % 5, stride = 1 + random() % 4;
    const std::int64_t before = random() % 3, after = random() % 3, dilation = 1 + random() % 2;
    const bool ceil = random() % 2 == 0;
    const std::int64_t extent = (kernel - 1) * dilation + 1;
    // Pooling rejects windows that are entirely in the padding.
    if (extent > input + before + after || before >= extent || after >= extent) continue;
    std::int64_t count = 0;
    for (std::int64_t start = 0;; start += stride) {
      const bool fits = start + extent <= input + before + after;
      const bool previous_fell_short = start == 0 || start - stride + extent < input + before + after;
      if (!fits && !(ceil && previous_fell_short && start < input + before)) break;
      ++count;
    }
    EXPECT_EQ(size(input, kernel,
                   {{"strides", Ints{stride}},
                    {"pads", Ints{before, after}},
                    {"dilations", Ints{dilation}},
                    {"ceil_mode", std::int64_t{ceil}}}),
              count)
        << input << " " << kernel << " " << stride << " " << before << " " << after << " " << dilation << " " << ceil;
  }
}

TEST(Window, RejectsInvalidAttributes) {
  const auto refused = [](const std::string& message, std::map<std::string, Attribute> attributes, Ints kernel) {
    expect_error(ErrorKind::kInvalidData, "node 'p' (MaxPool): " + message, [&] {
      window_geometry(pool(attributes), {1, 1, 8}, kernel);
    });
  };
  refused("strides must be 1 numbers from 1", {{"strides", Ints{0}}}, {3});
  refused("pads must be 2 numbers from 0", {{"pads", Ints{1}}}, {3});
  refused("pads must be 2 numbers from 0", {{"pads", Ints{-1, 1}}}, {3});
  refused("kernel_shape must be 1 numbers", {}, {3, 3});
  refused("has a window of 9 over", {}, {9});
  refused("dilations must be", {{"dilations", Ints{std::int64_t{1} << 62}}}, {9});
  expect_error(ErrorKind::kInvalidData, "needs an input [N,C,spatial...]", [] {
    window_geometry(pool({}), {1, 8}, {3});
  });
}

}  // namespace
}  // namespace einet::graph
