// Compares the oneDNN executor with the reference executor.

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "exec/networks.h"
#include "exec/runs.h"
#include "exec/targets.h"
#include "graph/onnx_file.h"
#include "zoo/zoo.h"

namespace einet::exec {
namespace {

graph::Graph zoo_network(const std::string& name, int channels, int side, std::map<std::string, std::string> parameters,
                         std::uint64_t seed) {
  zoo::NetworkOptions options;
  options.channels = channels;
  options.height = options.width = side;
  options.seed = seed;
  options.parameters = std::move(parameters);
  graph::Graph graph = zoo::build(name, options);
  randomise_weights(graph, seed);
  return graph;
}

TEST(Agreement, MsdNet) {
  const graph::Graph graph = zoo_network(
      "msdnet", 1, 28, {{"blocks", "6"}, {"base", "2"}, {"step", "1"}, {"channels", "8"}, {"growth", "5"}}, 3);
  expect_agreement(graph, 1, 1);
  expect_agreement(graph, 8, 2);
}

TEST(Agreement, MsdNetOfTwoScalesWithTheStockBranch) {
  const graph::Graph graph = zoo_network("msdnet", 3, 16,
                                         {{"blocks", "4"},
                                          {"base", "1"},
                                          {"step", "2"},
                                          {"channels", "4"},
                                          {"growth", "6"},
                                          {"scales", "2"},
                                          {"branch", "stock"},
                                          {"branch_channels", "20"}},
                                         4);
  expect_agreement(graph, 1, 3);
  expect_agreement(graph, 8, 4);
}

TEST(Agreement, MsdNetWithoutBottlenecks) {
  const graph::Graph graph = zoo_network(
      "msdnet", 2, 16,
      {{"blocks", "4"}, {"base", "1"}, {"step", "1"}, {"channels", "6"}, {"growth", "4"}, {"bottleneck", "off"}}, 5);
  expect_agreement(graph, 1, 5);
}

TEST(Agreement, BAlexNet) {
  const graph::Graph graph = zoo_network("b-alexnet", 3, 32, {}, 6);
  expect_agreement(graph, 1, 6);
  expect_agreement(graph, 8, 7);
}

TEST(Agreement, TheShippedBundle) {
  const std::filesystem::path bundle = std::filesystem::path(EINET_SOURCE_DIR) / "bundles/fashion-mnist-msdnet.einet";
  expect_agreement(graph::load_onnx(bundle / "model.onnx"), 1, 10);
}

// Both softmaxes need C order, of the input and of its transpose.
TEST(Agreement, TwoOrdersOfOneValue) {
  GraphMaker make({-1, 4, 4, 4});
  const auto soft = [&](const std::string& x) { return make.add("Softmax", {x}, {{"axis", std::int64_t{3}}}); };
  const std::string turned = make.add("Transpose", {"input"}, {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
  const std::string one = soft("input"), other = soft(turned);
  make.exit(make.add("Flatten", {make.add("Sub", {one, other})}));
  make.exit(make.add("Flatten", {other}));
  expect_agreement(make.build(), 2, 9);
}

TEST(Agreement, RandomNetworks) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("network " + std::to_string(seed));
    expect_agreement(random_network(seed), seed % 4 == 0 ? 8 : 1, seed);
    if (HasFailure()) break;
  }
}

TEST(Agreement, EveryInstructionSetOfTheKernels) {
  for_every_target([] {
    for (std::uint64_t seed = 151; seed <= 165; ++seed) {
      SCOPED_TRACE("network " + std::to_string(seed));
      expect_agreement(random_network(seed), seed % 4 == 0 ? 8 : 1, seed);
    }
  });
}

TEST(Agreement, TwoThreadsShareOneProgram) {
  const graph::Graph graph = zoo_network(
      "msdnet", 1, 16, {{"blocks", "4"}, {"base", "1"}, {"step", "1"}, {"channels", "8"}, {"growth", "4"}}, 8);
  const auto program = compile(graph);
  std::vector<std::vector<float>> inputs;
  std::vector<Outputs> expected;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    inputs.push_back(random_input(*program, seed));
    expected.push_back(run(*program, inputs.back()));
  }
  std::vector<int> wrong(2, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      const auto execution = program->new_execution();
      for (std::size_t round = 0; round < 200; ++round) {
        const std::size_t at = (round + 2 * t) % inputs.size();
        const auto outputs = run(*program, *execution, inputs[at], std::vector<bool>(expected[at].size(), true));
        wrong[t] += outputs != expected[at];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(2, 0));
}

}  // namespace
}  // namespace einet::exec
