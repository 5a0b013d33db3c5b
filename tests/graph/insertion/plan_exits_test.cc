#include <gtest/gtest.h>

#include <map>

#include "expect_error.h"
#include "graph/cost.h"
#include "graph/insertion.h"
#include "graph/insertion/convolutional_networks.h"
#include "graph/networks.h"
#include "graph/partition.h"

namespace einet::graph {
namespace {

std::int64_t parameters_of(const Graph& graph) {
  std::int64_t all = 0;
  for (const BlockCost& cost : block_costs(graph, partition(graph)))
    all += cost.conv_parameters + cost.branch_parameters;
  return all;
}

TEST(PlanExits, ChoosesTheLargestBranchWithinTheShare) {
  const Graph graph = residual_network();
  for (const double share : {0.004, 0.01, 0.03, 0.1}) {
    const auto limit = static_cast<std::int64_t>(share * static_cast<double>(trunk_of(graph)));
    for (const NewExit& exit : plan_exits(graph, {.max_branch_share = share})) {
      EXPECT_LE(exit.branch_macs, limit);
      EXPECT_EQ(exit.branch.hidden, 2 * exit.branch.channels);
      if (exit.branch.channels == 128 || exit.branch.convolutions == 0) continue;
      // 8x8 after pooling -> 4x4 of c channels -> 2c -> 10, with twice the channels.
      const std::int64_t c = 2 * exit.branch.channels;
      const std::int64_t in = exit.place.shape[0];
      const std::int64_t parameters = 9 * in * c + 2 * c + 16 * c * 2 * c + 2 * c + 2 * c * 10 + 10;
      const double most = 4 * share * static_cast<double>(parameters_of(graph));
      EXPECT_TRUE(16 * 9 * in * c + 16 * c * 2 * c + 2 * c * 10 > limit || static_cast<double>(parameters) > most)
          << exit.place.node;
      EXPECT_LE(static_cast<double>(exit.branch_parameters), most);
    }
  }
}

TEST(PlanExits, SkipsUselessExits) {
  // After end.relu only 640 MACs remain.
  EXPECT_EQ(plan_exits(residual_network(), {}).size(), 4u);
  EXPECT_EQ(plan_exits(residual_network(), {.after = {"end.relu"}}).size(), 1u);
}

TEST(PlanExits, KeepsAllBranchesWithinAQuarterByDefault) {
  for (const Graph& graph : {residual_network(), dense_network()}) {
    std::int64_t branches = 0;
    for (const NewExit& exit : plan_exits(graph, {})) branches += exit.branch_macs;
    EXPECT_LE(4 * branches, trunk_of(graph));
  }
}

TEST(PlanExits, CountsTheNetworksOwnExit) {
  EXPECT_EQ(plan_exits(residual_network(), {.exits = 3}).size(), 2u);
  // The limit for a branch does not depend on the number of exits requested.
  for (const int exits : {6, 9, 1000}) {
    expect_error(ErrorKind::kUsage, std::to_string(exits) + " exits: the network has places for at most 5",
                 [&] { plan_exits(residual_network(), {.exits = exits}); });
  }
}

TEST(PlanExits, SpreadsByTheGivenShares) {
  const Graph graph = residual_network();
  const std::vector<NewExit> all = plan_exits(graph, {});
  ASSERT_GE(all.size(), 3u);
  // As if everything before each place took no time: the first place is the one nearest to half of the time.
  const auto chosen = plan_exits(
      graph, {.exits = 2, .share_before = [&](const Place& p) { return p.value == all[0].place.value ? 0.5 : 0.95; }});
  ASSERT_EQ(chosen.size(), 1u);
  EXPECT_EQ(chosen[0].place.value, all[0].place.value);
  expect_error(ErrorKind::kUsage, "cannot be combined with candidates",
               [&] { plan_exits(graph, {.exits = 3, .candidates = 2}); });
}

TEST(PlanExits, SortsTheNodesNamed) {
  const auto exits = plan_exits(residual_network(), {.after = {"unit2.relu", "stem.relu", "unit2.relu"}});
  ASSERT_EQ(exits.size(), 2u);
  EXPECT_EQ(exits[0].place.node, "stem.relu");
}

TEST(PlanExits, RejectsBranchesThatCostMoreThanTheNetwork) {
  const Graph graph = residual_network();
  const InsertionOptions large{
      .after = {"stem.relu", "unit1.relu"}, .channels = 512, .hidden = 1024, .max_branch_share = 50};
  expect_error(ErrorKind::kUsage, "2 branches: together they would cost", [&] { plan_exits(graph, large); });
  expect_error(ErrorKind::kUsage, "no exit is useful", [&] { plan_exits(graph, {.max_branch_share = 1e-6}); });
  expect_error(ErrorKind::kUsage, "node 'pool': even the smallest branch here exceeds the limit",
               [&] { plan_exits(graph, {.after = {"pool"}, .max_branch_share = 1e-6}); });
}

TEST(PlanExits, AddsBranchesOfIncreasingSizeAtTheInput) {
  const Graph graph = residual_network();
  const auto trunk = static_cast<double>(trunk_of(graph));
  const auto exits = plan_exits(graph, {.input_exits = 4});
  ASSERT_GE(exits.size(), 3u);
  EXPECT_EQ(exits[0].place.node, "input");
  EXPECT_EQ(exits[0].place.macs_before, 0);
  EXPECT_EQ(exits[0].branch_macs, 8 * 8 * 3 * 10);
  for (std::size_t i = 1; i < exits.size() && exits[i].place.node == "input"; ++i) {
    EXPECT_GT(exits[i].branch_macs, exits[i - 1].branch_macs);
    EXPECT_LE(static_cast<double>(exits[i].branch_macs), 0.04 * trunk);
  }
  EXPECT_EQ(plan_exits(graph, {.exits = 4, .input_exits = 1}).size(), 3u);
  expect_error(ErrorKind::kUsage, "5 exits at the input", [&] { plan_exits(graph, {.input_exits = 5}); });
  expect_error(ErrorKind::kUsage, "are already 2", [&] { plan_exits(graph, {.exits = 2, .input_exits = 1}); });
  expect_error(ErrorKind::kUsage, "even the smallest branch costs more",
               [] { plan_exits(token_network(), {.input_exits = 1, .max_branch_share = 0.2}); });
}

TEST(PlanExits, OffersSeveralSizesPerPlace) {
  const auto exits = plan_exits(residual_network(), {.candidates = 3});
  std::map<std::string, std::int64_t> last;
  for (const NewExit& exit : exits) {
    EXPECT_GT(exit.branch_macs, last[exit.place.value]);
    last[exit.place.value] = exit.branch_macs;
  }
  EXPECT_TRUE(last.contains("in") || last.contains("input"));
  EXPECT_GT(exits.size(), last.size());
}

}  // namespace
}  // namespace einet::graph
