// Any mixture of forms and methods computes the same results.

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "exec/forms/assign.h"
#include "exec/forms/choice.h"
#include "exec/lowering/fuse.h"
#include "exec/lowering/lower.h"
#include "exec/networks.h"
#include "exec/runs.h"
#include "exec/tuning.h"
#include "zoo/zoo.h"

namespace einet::exec {
namespace {

using Ints = std::vector<std::int64_t>;

// Channels are whole blocks, so that every candidate exists: convolutions of all kinds, sums, pools, concatenations,
// and exits that read all of these.
class WideNetwork {
 public:
  explicit WideNetwork(std::uint64_t seed) : random_(seed), make_({-1, pick(0, 1) == 0 ? 3 : 16, 12, 12}) {}

  graph::Graph build() && {
    std::string x = conv("input", 16 * pick(1, 2), 3, 1);
    for (std::int64_t block = pick(1, 3); block > 0; --block) {
      for (std::int64_t layer = pick(1, 4); layer > 0; --layer) x = any(x);
      exit(x);
    }
    return make_.build();
  }

 private:
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }

  std::string weight(const graph::Shape& shape, float bound) {
    std::uniform_real_distribution<float> uniform(-bound, bound);
    std::vector<float> values(static_cast<std::size_t>(graph::element_count(shape)));
    for (float& value : values) value = uniform(random_);
    return make_.weight(shape, std::move(values));
  }

  std::string conv(const std::string& x, std::int64_t outputs, std::int64_t kernel, std::int64_t groups) {
    const std::int64_t inputs = make_.shape(x)[1] / groups;
    const float bound = 1.5f / std::sqrt(static_cast<float>(inputs * kernel * kernel));
    std::string y = make_.add("Conv", {x, weight({outputs, inputs, kernel, kernel}, bound), weight({outputs}, 0.3f)},
                              {{"pads", Ints(4, kernel / 2)}, {"group", groups}});
    return pick(0, 3) == 0 ? y : make_.add("Relu", {y});
  }

  std::string any(const std::string& x) {
    const std::int64_t channels = make_.shape(x)[1], side = make_.shape(x)[2];
    switch (pick(0, 7)) {
      case 0:
        return side < 4 ? x
                        : make_.add(pick(0, 1) == 0 ? "MaxPool" : "AveragePool", {x},
                                    {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
      case 1:
        return make_.add("Relu", {make_.add("Add", {conv(x, channels, 3, 1), x})});
      case 2:
        return channels > 64 ? conv(x, 16, 1, 1)
                             : make_.add("Concat", {x, conv(x, 16, 3, 1)}, {{"axis", std::int64_t{1}}});
      case 3:
        return conv(x, channels, 3, channels);
      case 4:
        return conv(x, 16 * pick(1, 3), 1, 1);
      default:
        return conv(x, 16 * pick(1, 3), 3, 1);
    }
  }

  void exit(std::string x) {
    if (pick(0, 1) == 0) x = conv(x, 32, 3, 1);
    if (pick(0, 1) == 0) x = make_.add("GlobalAveragePool", {x});
    x = make_.add("Flatten", {x});
    if (pick(0, 1) == 0) {
      const std::int64_t inputs = make_.shape(x)[1];
      const float bound = 1.5f / std::sqrt(static_cast<float>(inputs));
      x = make_.add("Relu", {make_.add("MatMul", {x, weight({inputs, 48}, bound)})});
      x = make_.add("MatMul", {x, weight({48, 10}, 0.3f)});
    }
    make_.exit(x);
  }

  std::mt19937_64 random_;
  GraphMaker make_;
};

Tuning random_tuning(const graph::Graph& graph, Precision precision, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Network network = lower(prepare(graph, 1));
  fuse(network);
  Tuning tuning;
  for (const Operation& operation : network.operations) {
    const std::vector<Choice> all = candidates(operation, network, precision);
    tuning.choices[operation.node] = to_string(all[random() % all.size()]);
  }
  return tuning;
}

void expect_the_same(const graph::Graph& graph, const CompileOptions& options, double tolerance, std::uint64_t seed) {
  const auto program = compile(graph, options), reference = compile_reference(graph, {.batch = options.batch});
  const std::vector<float> input = random_input(*program, seed);
  const Outputs expected = run(*reference, input);
  const auto execution = program->new_execution();
  const Outputs all = run(*program, *execution, input, std::vector<bool>(expected.size(), true));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_LT(relative_difference(expected[i], all[i]), tolerance) << "exit " << i + 1;
  }
  const std::vector<bool> plan = random_plan(*program, seed);
  const Outputs some = run(*program, *execution, input, plan);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (plan[i]) {
      EXPECT_EQ(some[i], all[i]) << "exit " << i + 1 << " after skipping others";
    }
  }
}

TEST(Forms, AnyMixtureComputesTheSame) {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    SCOPED_TRACE("network " + std::to_string(seed));
    const graph::Graph graph = WideNetwork(seed).build();
    const std::int64_t batch = seed % 3 == 0 ? 4 : 1;
    expect_the_same(graph, {.batch = batch, .tuning = random_tuning(graph, Precision::kFloat32, seed)}, 1e-4, seed);
    if (HasFailure()) break;
  }
}

TEST(Forms, AnyMixtureComputesTheSameInRandomNetworks) {
  for (std::uint64_t seed = 300; seed < 360; ++seed) {
    SCOPED_TRACE("network " + std::to_string(seed));
    const graph::Graph graph = random_network(seed);
    expect_the_same(graph, {.tuning = random_tuning(graph, Precision::kFloat32, seed)}, 1e-4, seed);
    if (HasFailure()) break;
  }
}

TEST(Forms, Bfloat16AgreesWithinItsPrecision) {
  if (!supports(Precision::kBfloat16)) GTEST_SKIP() << "no bfloat16 on this processor";
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("network " + std::to_string(seed));
    const graph::Graph graph = WideNetwork(seed).build();
    CompileOptions options{.batch = seed % 3 == 0 ? 4 : 1, .precision = Precision::kBfloat16};
    expect_the_same(graph, options, 0.05, seed);
    options.tuning = random_tuning(graph, Precision::kBfloat16, seed);
    expect_the_same(graph, options, 0.05, seed);
    if (HasFailure()) break;
  }
}

TEST(Forms, SeveralThreadsComputeTheSame) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const graph::Graph graph = WideNetwork(seed).build();
    expect_the_same(graph, {.threads = 2, .tuning = random_tuning(graph, Precision::kFloat32, seed)}, 1e-4, seed);
  }
}

// Choices made for another network or machine must have no effect.
TEST(Forms, IgnoresOtherChoices) {
  const graph::Graph graph = WideNetwork(1).build();
  const Tuning nonsense{{{"Conv4", "blocked:sideways"}, {"nowhere", "plain:own"}, {"Flatten1", "blocked:winograd"}}};
  EXPECT_EQ(compile(graph, {.tuning = nonsense})->implementations(), compile(graph)->implementations());
}

TEST(Forms, ChoicesHaveATextForm) {
  for (const Form form : {Form::kPlain, Form::kBlocked, Form::kBf16}) {
    for (const Algorithm method : {Algorithm::kDefault, Algorithm::kDirect, Algorithm::kWinograd, Algorithm::kOwn,
                                   Algorithm::kStreamed, Algorithm::kFused, Algorithm::kXnnpack}) {
      EXPECT_EQ(parse_choice(to_string({form, method})), (Choice{form, method}));
    }
  }
  EXPECT_EQ(parse_choice("plain"), std::nullopt);
}

// conv -> conv -> exit, everything in blocks: the input is converted once, intermediate values not at all.
TEST(Forms, DoesNotConvertBetweenEqualForms) {
  if (block_channels() == 0) GTEST_SKIP() << "no blocks on this processor";
  GraphMaker make({-1, 16, 8, 8});
  std::string x = "input";
  for (int i = 0; i < 2; ++i) {
    x = make.add("Conv", {x, make.weight({16, 16, 3, 3}, std::vector<float>(2304, 0.1f))}, {{"pads", Ints(4, 1)}});
  }
  make.exit(make.add("Flatten", {make.add("GlobalAveragePool", {x})}));
  Network network = lower(prepare(make.build(), 1));
  fuse(network);
  assign_forms(network, std::vector<Choice>(network.operations.size(), {Form::kBlocked, Algorithm::kDirect}));
  std::vector<std::string> conversions;
  for (const Operation& operation : network.operations) {
    if (std::holds_alternative<Convert>(operation.kind)) conversions.push_back(operation.node);
  }
  EXPECT_EQ(conversions, std::vector<std::string>{"input.blocked"});
}

TEST(Tune, ChoosesForEveryLayerOrKeepsTheDefault) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    if (!supports(precision)) continue;
    const graph::Graph graph = WideNetwork(7).build();
    const Tuning tuning = tune(graph, {.precision = precision}, {.budget = Seconds(0)});
    for (const auto& [node, choice] : tuning.choices) EXPECT_TRUE(parse_choice(choice)) << node << ": " << choice;
    const double tolerance = precision == Precision::kFloat32 ? 1e-4 : 0.05;
    expect_the_same(graph, {.precision = precision, .tuning = tuning}, tolerance, 7);
  }
}

}  // namespace
}  // namespace einet::exec
