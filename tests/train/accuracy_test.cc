#include "train/accuracy.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "graph/cost.h"
#include "graph/partition.h"
#include "train/toy.h"

namespace einet::train {
namespace {

// The definition, for two exits: the answer in force at a uniform cut-off, for each of the plans {}, {1}, {2}, {1,2}.
TEST(BestExpectation, IsThatOfTheBestOfAllPlans) {
  const graph::Graph graph = toy_network();
  const std::vector<graph::BlockCost> costs = graph::block_costs(graph, graph::partition(graph));
  ASSERT_EQ(costs.size(), 2u);
  const auto c1 = static_cast<double>(costs[0].conv_macs), b1 = static_cast<double>(costs[0].branch_macs);
  const auto c2 = static_cast<double>(costs[1].conv_macs), b2 = static_cast<double>(costs[1].branch_macs);
  const double total = c1 + b1 + c2 + b2;
  for (const auto& [first, second] : {std::pair{0.5, 0.9}, {0.9, 0.5}, {0.2, 0.21}, {0.0, 1.0}}) {
    const double only_first = first * (total - c1 - b1) / total;
    const double only_second = second * b1 / total;
    const double both = first * (c2 + b2) / total;
    EXPECT_NEAR(best_expectation(graph, {first, second}), std::max({0.0, only_first, only_second, both}), 1e-12);
  }
}

}  // namespace
}  // namespace einet::train
