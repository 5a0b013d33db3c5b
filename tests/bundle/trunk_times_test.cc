#include "bundle/trunk_times.h"

#include <gtest/gtest.h>

#include "bundle/example.h"
#include "expect_error.h"
#include "graph/cost.h"
#include "graph/insertion.h"
#include "graph/partition.h"
#include "graph/shape_inference.h"

namespace einet::bundle {
namespace {

TEST(TrunkTimes, FollowTheBlockTimes) {
  const graph::Graph network = example_network();
  const std::vector<graph::Block> blocks = graph::partition(network);
  // 3 s to the first exit, 1 s more, and 4 s in the last branch; the first branch is not part of the trunk.
  const TrunkTimes times(network, {.conv = {3, 1}, .branch = {100, 4}, .planning = {}});
  const auto value = [&](int node) { return network.nodes[node].outputs.front(); };
  EXPECT_EQ(times.share_before(network.inputs.front().name), 0.0);
  EXPECT_DOUBLE_EQ(times.share_before(value(blocks[0].conv_part.back())), 3.0 / 8);
  EXPECT_DOUBLE_EQ(times.share_before(blocks[1].output), 1.0);
  double before = 0;
  for (const int node : blocks[0].conv_part) {
    EXPECT_GT(times.share_before(value(node)), before);
    before = times.share_before(value(node));
  }
  expect_error(ErrorKind::kInvalidData, "belong to another network", [&] { times.share_before(blocks[0].output); });
  expect_error(ErrorKind::kInvalidData, "has 2 exits, but its block times are for 1",
               [&] { TrunkTimes(network, {.conv = {1}, .branch = {1}, .planning = {}}); });
}

TEST(TrunkTimes, AreProportionalToMultiplyAccumulates) {
  const graph::Graph network = example_network();
  const graph::Shapes shapes = graph::infer_shapes(network, 1);
  const auto weight = [&](const std::vector<int>& part) {
    double sum = 0;
    for (const int node : part) sum += 1.0 + static_cast<double>(graph::macs(network.nodes[node], shapes));
    return sum;
  };
  plan::BlockTimes times;
  for (const graph::Block& block : graph::partition(network)) {
    times.conv.push_back(weight(block.conv_part));
    times.branch.push_back(weight(block.branch));
  }
  const TrunkTimes trunk(network, times);
  for (const graph::Place& place : graph::find_places(network)) {
    const double share =
        static_cast<double>(place.macs_before) / static_cast<double>(place.macs_before + place.macs_after);
    EXPECT_NEAR(trunk.share_before(place.value), share, 0.01) << place.node;
  }
}

}  // namespace
}  // namespace einet::bundle
