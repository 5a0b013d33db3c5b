#include <gtest/gtest.h>

#include <set>

#include "graph/insertion.h"
#include "graph/insertion/convolutional_networks.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

TEST(WithNewClasses, ReplacesTheClassifyingLayer) {
  const Graph before = residual_network();
  const Graph after = with_new_classes(before, 3, 1);
  EXPECT_EQ(after.outputs, before.outputs);
  EXPECT_EQ(infer_shapes(after, 2).at("logits"), (Shape{2, 3}));
  EXPECT_EQ(after.untrained, (std::set<std::string>{"logits"}));
  EXPECT_EQ(after.initializers.at("end.conv.weight").data, before.initializers.at("end.conv.weight").data);
  const Graph whole = insert_exits(after, plan_exits(after, {.exits = 3}), 1);
  EXPECT_EQ(infer_shapes(whole, 1).at("exit1"), (Shape{1, 3}));
}

}  // namespace
}  // namespace einet::graph
