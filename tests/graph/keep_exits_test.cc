#include "graph/keep_exits.h"

#include <gtest/gtest.h>

#include <set>

#include "expect_error.h"
#include "graph/insertion.h"
#include "graph/insertion/convolutional_networks.h"
#include "graph/partition.h"

namespace einet::graph {
namespace {

TEST(KeepExits, DropsTheTrunkAfterTheLastExit) {
  const Graph graph = residual_network();
  const Graph whole = insert_exits(graph, plan_exits(graph, {.input_exits = 2}), 1);
  const Graph two = keep_exits(whole, {"exit2", "exit4"});
  EXPECT_EQ(two.outputs, (std::vector<std::string>{"exit2", "exit4"}));
  EXPECT_FALSE(two.initializers.contains("plain.conv.weight"));
  EXPECT_FALSE(two.initializers.contains("exit3.fc.weight"));
  EXPECT_EQ(two.untrained, (std::set<std::string>{"exit2", "exit4"}));
  EXPECT_EQ(partition(two).back().output, "exit4");
  expect_error(ErrorKind::kInvalidData, "'exit9': is not an exit", [&] { keep_exits(whole, {"exit9"}); });
}

}  // namespace
}  // namespace einet::graph
