#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::exec {

/// Gives every weight of a new network a random value, including the statistics of its normalisations, which a builder
/// sets to 1 and 0.
void randomise_weights(graph::Graph& graph, std::uint64_t seed);

/// A random multi-exit network with every operator that the executors support: chains, residual sums, concatenations of
/// any compatible values, values read by both trunk and branches.
graph::Graph random_network(std::uint64_t seed);

/// Builds a graph node by node, for hand-made cases.
class GraphMaker {
 public:
  explicit GraphMaker(graph::Shape input);

  /// Appends a node and returns its value. Inputs are names of values or weights.
  std::string add(const std::string& op, std::vector<std::string> inputs,
                  std::map<std::string, graph::Attribute> attributes = {});
  std::string weight(graph::Shape shape, std::vector<float> values);
  std::string integers(std::vector<std::int64_t> values);
  /// With the batch dimension as declared for the input.
  graph::Shape shape(const std::string& value) const;
  void exit(const std::string& value) { graph_.outputs.push_back(value); }
  graph::Graph build() const { return graph_; }

 private:
  graph::Graph graph_;
  int count_ = 0;
};

}  // namespace einet::exec
