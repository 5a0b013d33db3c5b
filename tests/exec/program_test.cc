#include "exec/program.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "exec/networks.h"
#include "exec/runs.h"
#include "expect_error.h"

namespace einet::exec {
namespace {

using Ints = std::vector<std::int64_t>;

// Two exits, each after one convolution.
graph::Graph small_network() {
  GraphMaker make({-1, 2, 6, 6});
  std::string x = "input";
  for (int i = 0; i < 2; ++i) {
    std::vector<float> weights(static_cast<std::size_t>(make.shape(x)[1] * 4 * 9));
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = static_cast<float>(k % 7) / 7.0f - 0.4f;
    const std::int64_t channels = make.shape(x)[1];
    x = make.add("Conv", {x, make.weight({4, channels, 3, 3}, weights)}, {{"pads", Ints{1, 1, 1, 1}}});
    x = make.add("Relu", {x});
    make.exit(make.add("Flatten", {make.add("GlobalAveragePool", {x})}));
  }
  return make.build();
}

class BothExecutors : public testing::TestWithParam<bool> {
 protected:
  static std::shared_ptr<const Program> compiled(const graph::Graph& graph, const CompileOptions& options = {}) {
    return GetParam() ? compile(graph, options) : compile_reference(graph, options);
  }
};

INSTANTIATE_TEST_SUITE_P(, BothExecutors, testing::Bool(),
                         [](const auto& info) { return info.param ? "OneDnn" : "Reference"; });

TEST_P(BothExecutors, DescribeTheNetwork) {
  const auto program = compiled(small_network(), {.batch = 3});
  EXPECT_EQ(program->exits(), 2);
  EXPECT_EQ(program->batch(), 3);
  EXPECT_EQ(program->input_shape(), (graph::Shape{3, 2, 6, 6}));
  EXPECT_EQ(program->input_size(), 216);
  EXPECT_EQ(program->outputs(0), 4);
  EXPECT_EQ(program->blocks().size(), 2u);
  EXPECT_FALSE(program->implementations().empty());
}

TEST_P(BothExecutors, BatchesAreIndependentImages) {
  const graph::Graph graph = small_network();
  const auto one = compiled(graph), three = compiled(graph, {.batch = 3});
  const std::vector<float> images = random_input(*three, 1);
  const Outputs together = run(*three, images);
  for (std::size_t n = 0; n < 3; ++n) {
    const Outputs alone = run(*one, std::vector<float>(images.begin() + n * 72, images.begin() + (n + 1) * 72));
    for (std::size_t i = 0; i < alone.size(); ++i) {
      for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(together[i][n * 4 + k], alone[i][k], 1e-5);
    }
  }
}

TEST_P(BothExecutors, StopBeforeTheNextPrimitive) {
  const auto program = compiled(small_network());
  const auto execution = program->new_execution();
  execution->set_input(random_input(*program, 1));
  const std::atomic<std::uint64_t> stopped{7};
  const StopSignal raised(stopped, 7), of_the_next_run(stopped, 8);
  EXPECT_EQ(execution->run_conv_part(0, raised), PartEnd::kStopped);
  EXPECT_EQ(execution->run_branch(0, raised), PartEnd::kStopped);
  EXPECT_EQ(execution->run_conv_part(1, raised), PartEnd::kDone) << "the last conv part has nothing to stop";
  EXPECT_EQ(execution->run_conv_part(0, of_the_next_run), PartEnd::kDone);
  EXPECT_EQ(execution->run_branch(0, of_the_next_run), PartEnd::kDone);
}

TEST_P(BothExecutors, StoppedRunsDoNotAffectLaterOnes) {
  const auto program = compiled(small_network());
  const auto execution = program->new_execution();
  const std::vector<float> first = random_input(*program, 1), second = random_input(*program, 2);
  const Outputs expected = run(*program, second);
  const std::atomic<std::uint64_t> stopped{1};
  execution->set_input(first);
  execution->run_conv_part(0, kNeverStop);
  execution->run_branch(0, StopSignal(stopped, 1));
  EXPECT_EQ(run(*program, *execution, second, {true, true}), expected);
}

TEST_P(BothExecutors, ExecutionsAreIndependent) {
  const auto program = compiled(small_network());
  const std::vector<float> first = random_input(*program, 1), second = random_input(*program, 2);
  const auto one = program->new_execution(), other = program->new_execution();
  one->set_input(first);
  other->set_input(second);
  for (int i = 0; i < 2; ++i) {
    for (Execution* execution : {one.get(), other.get()}) {
      execution->run_conv_part(i, kNeverStop);
      execution->run_branch(i, kNeverStop);
    }
  }
  const Outputs expected_first = run(*program, first), expected_second = run(*program, second);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto a = one->output(static_cast<int>(i)), b = other->output(static_cast<int>(i));
    EXPECT_EQ(std::vector<float>(a.begin(), a.end()), expected_first[i]);
    EXPECT_EQ(std::vector<float>(b.begin(), b.end()), expected_second[i]);
  }
}

TEST_P(BothExecutors, RejectUnsupportedOperators) {
  GraphMaker make({-1, 2, 4, 4});
  make.exit(make.add("Einsum", {"input"}));
  expect_error(ErrorKind::kUnsupported, "Einsum1", [&] { compiled(make.build()); });
  expect_error(ErrorKind::kUnsupported, "(Einsum)", [&] { compiled(make.build()); });
}

TEST_P(BothExecutors, RejectVolumes) {
  GraphMaker make({-1, 1, 3, 3, 3});
  make.exit(make.add("Conv", {"input", make.weight({1, 1, 1, 1, 1}, {1})}));
  expect_error(ErrorKind::kUnsupported, "[1,1,3,3,3]", [&] { compiled(make.build()); });
}

TEST_P(BothExecutors, RejectInvalidBatchesInputsAndExits) {
  expect_error(ErrorKind::kInvalidData, "batches of 0", [] { compiled(small_network(), {.batch = 0}); });
  graph::Graph two_inputs = small_network();
  two_inputs.inputs.push_back({"other", {-1, 2}});
  expect_error(ErrorKind::kUnsupported, "2 inputs", [&] { compiled(two_inputs); });
  graph::Graph no_exit = small_network();
  no_exit.outputs.clear();
  expect_error(ErrorKind::kInvalidData, "no exit", [&] { compiled(no_exit); });
  graph::Graph fixed = small_network();
  fixed.inputs.front().shape.front() = 1;
  EXPECT_EQ(compiled(fixed)->batch(), 1);
  expect_error(ErrorKind::kInvalidData, "[1,2,6,6]", [&] { compiled(fixed, {.batch = 2}); });
}

TEST_P(BothExecutors, RejectNetworksLargerThanTheMemory) {
  GraphMaker make({-1, std::int64_t{1} << 27});
  for (int exit = 0; exit < 1000; ++exit) make.exit(make.add("Relu", {"input"}));  // 4 TiB of answers.
  graph::Graph vast = make.build();
  vast.name = "vast";
  expect_error(ErrorKind::kUnsupported, "vast: needs ", [&] { compiled(vast, {.batch = 8}); });
  expect_error(ErrorKind::kUnsupported, " MiB for its weights and values, more than the ",
               [&] { compiled(vast, {.batch = 8}); });
}

// Both exits read the flattened trunk in ONNX's order; the first may be skipped.
TEST(Compile, BranchesDoNotDependOnOthersForOrderedFeatures) {
  GraphMaker make({-1, 2, 3, 3});
  std::vector<float> taps(2 * 2 * 9, 0.0f);
  for (std::size_t i = 0; i < taps.size(); ++i) taps[i] = static_cast<float>(i % 5) - 2.0f;
  const auto conv = make.add("Conv", {"input", make.weight({2, 2, 3, 3}, taps)}, {{"pads", Ints{1, 1, 1, 1}}});
  const auto flat = make.add("Flatten", {conv});
  for (const float factor : {2.0f, 3.0f, 4.0f}) make.exit(make.add("Mul", {flat, make.weight({}, {factor})}));
  const auto program = compile(make.build()), reference = compile_reference(make.build());
  const std::vector<float> input = random_input(*program, 1);
  const Outputs expected = run(*reference, input);
  for (const auto& plan : {std::vector<bool>{false, true, true}, {true, false, true}, {false, false, true}}) {
    const Outputs outputs = run(*program, *program->new_execution(), input, plan);
    for (std::size_t i = 0; i < plan.size(); ++i) {
      if (plan[i]) {
        EXPECT_LT(relative_difference(expected[i], outputs[i]), 1e-5) << i;
      }
    }
  }
}

// Operations after an exit must not be fused into its producer.
TEST(Compile, TheTrunkMayContinueFromAnExit) {
  GraphMaker make({-1, 2});
  const auto exit = make.add("MatMul", {"input", make.weight({2, 2}, {1, -1, 1, -1})});
  make.exit(exit);
  make.exit(make.add("Relu", {exit}));
  const Outputs outputs = run(*compile(make.build()), {1.0f, 2.0f});
  EXPECT_EQ(outputs, (Outputs{{3.0f, -3.0f}, {3.0f, 0.0f}}));
}

TEST(Compile, ErrorsNameTheNode) {
  const auto refused = [](const std::string& text, auto add) {
    GraphMaker make({-1, 2, 4, 4});
    make.exit(add(make));
    expect_error(ErrorKind::kUnsupported, text, [&] { compile(make.build()); });
    EXPECT_NO_THROW(compile_reference(make.build()));
  };
  refused("LRN1", [](GraphMaker& make) { return make.add("LRN", {"input"}, {{"size", std::int64_t{65}}}); });
}

TEST(Compile, FusesOperations) {
  GraphMaker make({-1, 3, 8, 8});
  const auto ones = [&](graph::Shape shape) {
    const auto count = static_cast<std::size_t>(graph::element_count(shape));
    return make.weight(std::move(shape), std::vector<float>(count, 1.0f));
  };
  const Ints same = {1, 1, 1, 1};
  auto x = make.add("Conv", {"input", ones({8, 3, 3, 3})}, {{"pads", same}});
  x = make.add("BatchNormalization", {x, ones({8}), ones({8}), ones({8}), ones({8})});
  x = make.add("Relu", {x});
  auto y = make.add("Conv", {x, ones({8, 8, 3, 3})}, {{"pads", same}});
  y = make.add("BatchNormalization", {y, ones({8}), ones({8}), ones({8}), ones({8})});
  y = make.add("Relu", {make.add("Add", {y, x})});
  make.exit(make.add("Gemm", {make.add("Flatten", {y}), ones({512, 10})}));
  // Two convolutions with all operations after them, one product.
  EXPECT_EQ(compile(make.build())->implementations().size(), 3u);
}

TEST(Compile, InPlaceConcatenationsOnlyRemoveCopies) {
  for (std::uint64_t seed = 200; seed < 230; ++seed) {
    const graph::Graph graph = random_network(seed);
    const auto in_place = compile(graph), copied = compile(graph, {.concat_in_place = false});
    const std::vector<float> input = random_input(*in_place, seed);
    const Outputs expected = run(*copied, input), actual = run(*in_place, input);
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_LT(relative_difference(expected[i], actual[i]), 1e-5);
  }
}

std::ptrdiff_t threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

// The network is large enough for OpenMP to use several threads.
TEST(Compile, StartsNoThreads) {
  GraphMaker make({-1, 32, 32, 32});
  const auto weight = make.weight({32, 32, 3, 3}, std::vector<float>(9216, 0.01f));
  make.exit(make.add("Flatten", {make.add("Conv", {"input", weight})}));
  const std::ptrdiff_t before = threads_of_this_process();
  const auto program = compile(make.build());
  const std::vector<float> input = random_input(*program, 1);
  run(*program, input);
  EXPECT_EQ(threads_of_this_process(), before);
  std::ptrdiff_t meanwhile = 0;
  std::thread([&] {
    run(*program, input);
    meanwhile = threads_of_this_process();
  }).join();
  EXPECT_EQ(meanwhile, before + 1) << "our thread made OpenMP start others";
}

}  // namespace
}  // namespace einet::exec
