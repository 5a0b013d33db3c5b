#pragma once

#include <string>
#include <unordered_map>

#include "einet/plan.h"
#include "graph/graph.h"

namespace einet::bundle {

/// When each value of a network's trunk has been computed, from block times measured on a network with exits. The trunk
/// is all conv parts and the last branch; within a part, time is proportional to the multiply-accumulates of its nodes,
/// in their order.
class TrunkTimes {
 public:
  /// Throws kInvalidData if the times are for another number of exits.
  TrunkTimes(const graph::Graph& network, const plan::BlockTimes& times);

  /// The share in [0,1] of the trunk's time that has passed when `value` has been computed; 0 for the network's input.
  /// Throws kInvalidData if the trunk has no such value: the times belong to another network.
  double share_before(const std::string& value) const;

 private:
  std::string network_;
  std::unordered_map<std::string, double> seconds_;  ///< By value.
  double total_ = 0;
};

}  // namespace einet::bundle
