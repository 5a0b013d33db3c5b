#include "bundle/trunk_times.h"

#include <vector>

#include "einet/error.h"
#include "graph/cost.h"
#include "graph/partition.h"
#include "graph/shape_inference.h"

namespace einet::bundle {

TrunkTimes::TrunkTimes(const graph::Graph& network, const plan::BlockTimes& times) : network_(network.name) {
  times.validate();
  const std::vector<graph::Block> blocks = graph::partition(network);
  if (static_cast<std::size_t>(times.exits()) != blocks.size()) {
    throw Error(ErrorKind::kInvalidData, "network '" + network_ + "'",
                "has " + std::to_string(blocks.size()) + " exits, but its block times are for " +
                    std::to_string(times.exits()));
  }
  const graph::Shapes shapes = graph::infer_shapes(network, 1);
  // 1: for nodes without multiply-accumulates, so that time passes in parts that have none.
  const auto weight = [&](int node) { return 1.0 + static_cast<double>(graph::macs(network.nodes[node], shapes)); };
  const auto pass = [&](const std::vector<int>& part, double seconds) {
    double whole = 0, done = 0;
    for (const int node : part) whole += weight(node);
    for (const int node : part) {
      done += weight(node);
      for (const std::string& value : network.nodes[node].outputs) seconds_[value] = total_ + seconds * done / whole;
    }
    total_ += seconds;
  };
  for (const graph::Input& input : network.inputs) seconds_[input.name] = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) pass(blocks[i].conv_part, times.conv[i]);
  pass(blocks.back().branch, times.branch.back());
}

double TrunkTimes::share_before(const std::string& value) const {
  const auto found = seconds_.find(value);
  if (found == seconds_.end()) {
    throw Error(ErrorKind::kInvalidData, "times of network '" + network_ + "'",
                "belong to another network: the trunk of this one has no value '" + value + "'");
  }
  return total_ > 0 ? found->second / total_ : 0.0;
}

}  // namespace einet::bundle
