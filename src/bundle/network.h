#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::bundle {

/// Facts of the network that the manifest of a bundle repeats, taken from the graph.
struct NetworkFacts {
  std::vector<std::int64_t> input;  ///< [C,H,W]
  int classes = 0;
  std::vector<std::string> exits;  ///< Output names in the order of execution.
};

/// Throws kInvalidData naming `name` unless the graph has a single image input and its exits are rows of the same
/// number of classes.
NetworkFacts network_facts(const graph::Graph& graph, const std::string& name);

}  // namespace einet::bundle
