#pragma once

#include <string>
#include <vector>

#include "graph/cost.h"
#include "graph/partition.h"
#include "zoo/zoo.h"

namespace einet::zoo {

inline std::vector<graph::BlockCost> costs_of(const graph::Graph& graph) {
  return graph::block_costs(graph, graph::partition(graph));
}

inline graph::BlockCost sum(const std::vector<graph::BlockCost>& costs) {
  graph::BlockCost total;
  for (const graph::BlockCost& cost : costs) {
    total.conv_macs += cost.conv_macs;
    total.branch_macs += cost.branch_macs;
    total.conv_parameters += cost.conv_parameters;
    total.branch_parameters += cost.branch_parameters;
  }
  return total;
}

inline std::int64_t macs(const graph::BlockCost& cost) { return cost.conv_macs + cost.branch_macs; }
inline std::int64_t parameters(const graph::BlockCost& cost) { return cost.conv_parameters + cost.branch_parameters; }

}  // namespace einet::zoo
