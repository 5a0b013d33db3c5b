// Compares convolutions and fully connected layers followed by a residual sum and an activation with the reference
// executor, for many shapes and all choices of implementation. oneDNN's implementations differ by instruction set and
// shape, and some compute a fused sum incorrectly (onednn/post_ops.cc), so this also runs with lesser instruction sets.
// EINET_SWEEP=N in the environment runs N shapes, for measuring another version of the library or another processor.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "exec/forms/choice.h"
#include "exec/lowering/fuse.h"
#include "exec/lowering/lower.h"
#include "exec/networks.h"
#include "exec/runs.h"

namespace einet::exec {
namespace {

using Ints = std::vector<std::int64_t>;

int sweep_size() {
  const char* wanted = std::getenv("EINET_SWEEP");
  return wanted == nullptr ? 600 : std::atoi(wanted);
}

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  std::int64_t one_of(const Ints& values) {
    return values[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(values.size()) - 1))];
  }

  std::string weight(GraphMaker& make, const graph::Shape& shape, float bound) {
    std::uniform_real_distribution<float> uniform(-bound, bound);
    std::vector<float> values(static_cast<std::size_t>(graph::element_count(shape)));
    for (float& value : values) value = uniform(random_);
    return make.weight(shape, std::move(values));
  }

  // No activation is as likely as each of the others.
  std::string activation(GraphMaker& make, const std::string& x) {
    switch (pick(0, 9)) {
      case 0:
        return make.add("Relu", {x});
      case 1:
        return make.add("LeakyRelu", {x}, {{"alpha", 0.1f}});
      case 2:
        return make.add("Clip", {x, make.weight({}, {-0.4f}), make.weight({}, {0.9f})});
      case 3:
        return make.add("Sigmoid", {x});
      case 4:
        return make.add("Tanh", {x});
      case 5:
        return make.add("Elu", {x}, {{"alpha", 0.5f}});
      case 6:
        return make.add("HardSigmoid", {x}, {{"alpha", 0.3f}, {"beta", 0.4f}});
      case 7:
        return make.add("HardSwish", {x});
      case 8:
        return make.add("Swish", {x}, {{"alpha", 1.5f}});
      default:
        return x;
    }
  }

 private:
  std::mt19937_64 random_;
};

struct Window {
  std::int64_t kernel, stride, dilation, padding;

  std::int64_t reach() const { return (kernel - 1) * dilation + 1; }
  bool fits(std::int64_t size) const { return size + 2 * padding >= reach(); }
};

struct Layer {
  std::int64_t inputs = 1, outputs = 1, groups = 1;
  Window window{};
  std::int64_t height = 1, width = 1, batch = 1;

  std::string to_string() const {
    return std::to_string(inputs) + " to " + std::to_string(outputs) + " channels in " + std::to_string(groups) +
           " groups, " + std::to_string(height) + "x" + std::to_string(width) + ", window " +
           std::to_string(window.kernel) + ", stride " + std::to_string(window.stride) + ", dilation " +
           std::to_string(window.dilation) + ", padding " + std::to_string(window.padding) + ", batch " +
           std::to_string(batch);
  }
};

Layer random_layer(Maker& random) {
  Layer layer;
  layer.batch = random.one_of({1, 1, 2, 3});
  const Ints channels{1, 3, 8, 16, 17, 32};
  switch (random.pick(0, 3)) {
    case 0:  // One channel in each group.
      layer.groups = layer.inputs = layer.outputs = random.one_of({3, 8, 16, 17, 32});
      break;
    case 1:
      layer.groups = random.pick(2, 3);
      layer.inputs = layer.groups * random.one_of({1, 2, 8, 16});
      layer.outputs = layer.groups * random.one_of({1, 2, 8, 16});
      break;
    default:
      layer.inputs = random.one_of(channels);
      layer.outputs = random.one_of(channels);
  }
  do {
    const std::int64_t kernel = random.one_of({1, 2, 3, 3, 4, 5, 6, 7});
    layer.window = {kernel, random.one_of({1, 1, 2, 3}), random.one_of({1, 1, 2, 3}), random.pick(0, kernel - 1)};
    layer.height = random.one_of({1, 2, 5, 8, 12, random.pick(1, 33)});
    layer.width = random.one_of({1, 2, 5, 8, 12, random.pick(1, 33)});
  } while (!layer.window.fits(layer.height) || !layer.window.fits(layer.width));
  return layer;
}

std::string convolution(GraphMaker& make, Maker& random, const Layer& layer, const std::string& x) {
  const Window& w = layer.window;
  const graph::Shape shape{layer.outputs, layer.inputs / layer.groups, w.kernel, w.kernel};
  const float bound = 1.5f / std::sqrt(static_cast<float>(shape[1] * w.kernel * w.kernel));
  return make.add("Conv", {x, random.weight(make, shape, bound), random.weight(make, {layer.outputs}, 0.5f)},
                  {{"strides", Ints(2, w.stride)},
                   {"dilations", Ints(2, w.dilation)},
                   {"pads", Ints(4, w.padding)},
                   {"group", layer.groups}});
}

// Two convolutions of one input, their sum and an activation; or one convolution and its activation. The sum is the
// value of an exit or is read by one.
graph::Graph residual_network(Maker& random, const Layer& layer) {
  GraphMaker make({-1, layer.inputs, layer.height, layer.width});
  std::string y = convolution(make, random, layer, "input");
  if (random.pick(0, 4) != 0) {
    const std::string other = convolution(make, random, layer, "input");
    y = random.pick(0, 1) == 0 ? make.add("Add", {y, other}) : make.add("Add", {other, y});
  }
  y = random.activation(make, y);
  make.exit(random.pick(0, 1) == 0 ? y : make.add("Flatten", {y}));
  return make.build();
}

graph::Graph linear_network(Maker& random, std::int64_t inputs, std::int64_t outputs) {
  GraphMaker make({-1, inputs});
  const float bound = 1.5f / std::sqrt(static_cast<float>(inputs));
  const std::string y =
      make.add("Gemm", {"input", random.weight(make, {inputs, outputs}, bound), random.weight(make, {outputs}, 0.5f)});
  make.exit(random.activation(make, y));
  return make.build();
}

// Choices by operation: the default ones, then each kind of candidate wherever possible.
std::set<std::map<std::string, std::string>> all_choices(const graph::Graph& graph, const CompileOptions& options) {
  Network network = lower(prepare(graph, options.batch));
  fuse(network);
  std::set<std::map<std::string, std::string>> result{{}};
  std::size_t most = 0;
  for (const Operation& operation : network.operations) {
    most = std::max(most, candidates(operation, network, options.precision).size());
  }
  for (std::size_t i = 0; i < most; ++i) {
    std::map<std::string, std::string> choices;
    for (const Operation& operation : network.operations) {
      const std::vector<Choice> all = candidates(operation, network, options.precision);
      choices[operation.node] = to_string(all[std::min(i, all.size() - 1)]);
    }
    result.insert(std::move(choices));
  }
  return result;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

// Largest difference, relative to the largest absolute value of `expected` or to 1 if all are smaller, because sums of
// values of that size may cancel.
double difference(const std::vector<float>& expected, const std::vector<float>& actual) {
  double largest = 0.0;
  for (const float value : expected) largest = std::max(largest, std::abs(double{value}));
  return relative_difference(expected, actual) * std::min(1.0, largest);
}

// Whether all choices give the same results.
bool agrees(const graph::Graph& graph, std::int64_t batch, std::uint64_t seed, const std::string& what) {
  const auto reference = compile_reference(graph, {.batch = batch});
  const std::vector<float> input = random_input(*reference, seed);
  const std::vector<float> expected = run(*reference, input).front();
  bool all_agree = true;
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    if (!supports(precision)) continue;
    const double tolerance = precision == Precision::kFloat32 ? 1e-4 : 0.03;
    CompileOptions options{.batch = batch, .precision = precision};
    for (const auto& choices : all_choices(graph, options)) {
      options.tuning.choices = choices;
      const auto program = compile(graph, options);
      const double wrong_by = difference(expected, run(*program, input).front());
      EXPECT_LT(wrong_by, tolerance) << what << joined(program->implementations());
      all_agree = all_agree && wrong_by < tolerance;
    }
  }
  return all_agree;
}

TEST(PostOps, SumsAndActivationsOfAnyConvolution) {
  int wrong = 0;
  const int count = sweep_size();
  for (int i = 1; i <= count; ++i) {
    Maker random(static_cast<std::uint64_t>(i));
    const Layer layer = random_layer(random);
    const graph::Graph graph = residual_network(random, layer);
    wrong += !agrees(graph, layer.batch, static_cast<std::uint64_t>(i), layer.to_string());
  }
  EXPECT_EQ(wrong, 0) << "of " << count << " shapes";
}

TEST(PostOps, ActivationsOfAnyFullyConnectedLayer) {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    Maker random(seed);
    const std::int64_t inputs = random.one_of({1, 3, 16, 17, 64, 200}),
                       outputs = random.one_of({1, 8, 17, 32, 48, 100});
    const std::int64_t batch = random.one_of({1, 2, 7, 32});
    agrees(linear_network(random, inputs, outputs), batch, seed,
           std::to_string(inputs) + " to " + std::to_string(outputs) + ", batch " + std::to_string(batch));
  }
}

}  // namespace
}  // namespace einet::exec
