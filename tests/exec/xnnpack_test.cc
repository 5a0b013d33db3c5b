// Convolutions and fully connected layers computed by XNNPACK agree with the reference executor.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "exec/forms/choice.h"
#include "exec/networks.h"
#include "exec/runs.h"
#include "exec/xnnpack/layer.h"

namespace einet::exec {
namespace {

using Ints = std::vector<std::int64_t>;

int xnnpack_steps(const Program& program) {
  const std::vector<std::string> lines = program.implementations();
  return static_cast<int>(std::ranges::count_if(
      lines, [](const std::string& line) { return line.find(": xnnpack") != std::string::npos; }));
}

void expect_reference(const graph::Graph& graph, const CompileOptions& options, int least_steps, std::uint64_t seed) {
  const auto program = compile(graph, options), reference = compile_reference(graph, {.batch = options.batch});
  EXPECT_GE(xnnpack_steps(*program), least_steps);
  const std::vector<float> input = random_input(*program, seed);
  const Outputs expected = run(*reference, input), actual = run(*program, input);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_LT(relative_difference(expected[i], actual[i]), 1e-4) << "exit " << i + 1;
  }
}

// A convolution of any kind, with or without a residual and an activation, that reads and writes slices of
// concatenations.
class RandomConvolution {
 public:
  explicit RandomConvolution(std::uint64_t seed) : random_(seed) {}

  graph::Graph build() {
    const std::int64_t groups = Ints{1, 1, 3, 8, 20}[static_cast<std::size_t>(pick(0, 4))];
    const bool depthwise = pick(0, 2) == 0;
    const std::int64_t inputs = groups * (depthwise ? 1 : pick(1, 9)), outputs = groups * (depthwise ? 1 : pick(1, 20));
    GraphMaker make({-1, inputs, pick(5, 12), pick(5, 12)});
    const std::string x = make.add("Concat", {make.add("Sigmoid", {"input"}), make.add("Relu", {"input"})}, kChannels);
    const std::string part = make.add("Tanh", {"input"});
    const Ints kernel{pick(1, 3), pick(1, 3)}, pads{pick(0, 1), pick(0, 2), pick(0, 1), pick(0, 2)};
    std::string y = make.add(
        "Conv", {part, weight(make, {outputs, inputs / groups, kernel[0], kernel[1]}), weight(make, {outputs})},
        {{"group", groups},
         {"pads", pads},
         {"strides", Ints{pick(1, 2), pick(1, 2)}},
         {"dilations", Ints{pick(1, 2), pick(1, 2)}}});
    if (pick(0, 1) == 0) y = make.add("Add", {y, make.add("Sigmoid", {y})});
    y = activated(make, y);
    make.exit(make.add("Flatten", {make.add("Concat", {make.add("Neg", {y}), y}, kChannels)}));
    make.exit(make.add("Flatten", {x}));
    return make.build();
  }

 private:
  const std::map<std::string, graph::Attribute> kChannels{{"axis", std::int64_t{1}}};

  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }

  std::string weight(GraphMaker& make, const graph::Shape& shape) {
    std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
    std::vector<float> values(static_cast<std::size_t>(graph::element_count(shape)));
    for (float& value : values) value = uniform(random_);
    return make.weight(shape, std::move(values));
  }

  std::string activated(GraphMaker& make, const std::string& x) {
    switch (pick(0, 4)) {
      case 0:
        return make.add("Relu", {x});
      case 1:
        return make.add("Clip", {x, make.weight({}, {0.0f}), make.weight({}, {6.0f})});
      case 2:
        return make.add("HardSwish", {x});
      case 3:
        return make.add("Sigmoid", {x});
      default:
        return x;
    }
  }

  std::mt19937_64 random_;
};

class Xnnpack : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_xnnpack()) GTEST_SKIP() << "not part of this build";
  }
};

TEST_F(Xnnpack, RandomConvolutions) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("convolution " + std::to_string(seed));
    const graph::Graph graph = RandomConvolution(seed).build();
    const Tuning tuning = wherever_possible(graph, {Form::kPlain, Algorithm::kXnnpack});
    expect_reference(graph, {.batch = seed % 3 == 0 ? 2 : 1, .tuning = tuning}, 1, seed);
    if (HasFailure()) break;
  }
}

TEST_F(Xnnpack, RandomNetworks) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("network " + std::to_string(seed));
    const graph::Graph graph = random_network(seed);
    const Tuning tuning = wherever_possible(graph, {Form::kPlain, Algorithm::kXnnpack});
    expect_reference(graph, {.batch = seed % 4 == 0 ? 8 : 1, .tuning = tuning}, 0, seed);
    if (HasFailure()) break;
  }
}

// Large enough for a layer to be divided, into output channels, channels and groups.
TEST_F(Xnnpack, SeveralThreadsShareALayer) {
  for (const auto& [outputs, groups] : {std::pair<std::int64_t, std::int64_t>{40, 1}, {48, 48}, {96, 3}}) {
    GraphMaker make({-1, 48, 32, 32});
    const std::int64_t inputs = 48 / groups;
    std::vector<float> values(static_cast<std::size_t>(outputs * inputs * 9));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 17) / 17.0f - 0.5f;
    make.exit(make.add("Flatten", {make.add("Conv", {"input", make.weight({outputs, inputs, 3, 3}, values)},
                                            {{"group", groups}, {"pads", Ints(4, 1)}})}));
    const graph::Graph graph = make.build();
    const Tuning tuning = wherever_possible(graph, {Form::kPlain, Algorithm::kXnnpack});
    for (const std::int64_t batch : {1, 4}) {
      expect_reference(graph, {.batch = batch, .threads = 2, .tuning = tuning}, 1, 1);
    }
  }
}

// XNNPACK rejects a clamp whose bounds are equal.
TEST_F(Xnnpack, IsNotUsedForAnEmptyRange) {
  GraphMaker make({-1, 4, 6, 6});
  const std::string y = make.add("Conv", {"input", make.weight({4, 4, 1, 1}, std::vector<float>(16, 0.5f))});
  make.exit(make.add("Flatten", {make.add("Clip", {y, make.weight({}, {0.5f}), make.weight({}, {0.5f})})}));
  const graph::Graph graph = make.build();
  expect_reference(graph, {.tuning = wherever_possible(graph, {Form::kPlain, Algorithm::kXnnpack})}, 0, 1);
}

// Without a tuning, every convolution and fully connected layer uses XNNPACK exactly if oneDNN has only plain loops.
TEST_F(Xnnpack, IsTheDefaultWhereOnednnHasOnlyPlainLoops) {
  GraphMaker make({-1, 16, 8, 8});
  std::string x = make.add("Conv", {"input", make.weight({16, 16, 3, 3}, std::vector<float>(2304, 0.1f))});
  x = make.add("Conv", {x, make.weight({16, 1, 3, 3}, std::vector<float>(144, 0.1f))}, {{"group", std::int64_t{16}}});
  x = make.add("Flatten", {make.add("GlobalAveragePool", {x})});
  make.exit(make.add("MatMul", {x, make.weight({16, 10}, std::vector<float>(160, 0.1f))}));
  EXPECT_EQ(xnnpack_steps(*compile(make.build())), block_channels() == 0 ? 3 : 0);
}

}  // namespace
}  // namespace einet::exec
