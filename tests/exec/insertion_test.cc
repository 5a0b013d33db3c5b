// Inserting exits does not change the network's own answer, in both executors, whether branches are run or skipped.

#include "graph/insertion.h"

#include <gtest/gtest.h>

#include "exec/runs.h"
#include "graph/networks.h"
#include "zoo/zoo.h"

namespace einet::exec {
namespace {

void expect_last_exit_unchanged(const graph::Graph& before, std::uint64_t seed, double share = 0) {
  const std::string& network = before.name;
  const auto exits = graph::plan_exits(before, {.max_branch_share = share});
  ASSERT_GE(exits.size(), 2u) << network;
  const graph::Graph after = graph::insert_exits(before, exits, seed);
  expect_agreement(after, 2, seed);
  for (const auto compile_one : {compile_reference, compile}) {
    const auto single = compile_one(before, {});
    const auto multi = compile_one(after, {});
    const std::vector<float> input = random_input(*single, seed);
    const std::vector<float> expected = run(*single, input).back();
    EXPECT_LT(relative_difference(expected, run(*multi, input).back()), 1e-5) << network;
    const auto execution = multi->new_execution();
    std::vector<bool> only_last(multi->exits(), false);
    only_last.back() = true;
    EXPECT_LT(relative_difference(expected, run(*multi, *execution, input, only_last).back()), 1e-5) << network;
  }
}

TEST(Insertion, KeepsTheAnswerOfAPlainNetwork) {
  expect_last_exit_unchanged(zoo::build("b-alexnet-classic", {}), 1);
  expect_last_exit_unchanged(zoo::build("vgg16-small-classic", {.channels = 1, .height = 28, .width = 28}), 2);
}

TEST(Insertion, KeepsTheAnswerOfAResidualNetwork) {
  expect_last_exit_unchanged(zoo::build("resnet50-small-classic", {.parameters = {{"width", "0.125"}}}), 3);
}

TEST(Insertion, KeepsTheAnswerOfTransformers) {
  expect_last_exit_unchanged(graph::token_network(), 4, 0.2);
  expect_last_exit_unchanged(graph::channels_last_network(), 5, 0.2);
}

}  // namespace
}  // namespace einet::exec
