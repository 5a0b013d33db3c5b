#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// One node of a file that becomes several nodes of the graph, or none. What is added must be in topological order.
class Rewriting {
 public:
  virtual ~Rewriting() = default;

  virtual const Node& node() const = 0;
  /// Whether input i is there.
  bool has(std::size_t i) const { return i < node().inputs.size() && !node().inputs[i].empty(); }
  /// Throws kInvalidData, naming the node, where input i is absent.
  virtual Shape shape(std::size_t i) const = 0;
  /// The value of input i where it is there and a constant, else nullptr.
  virtual const Tensor* constant(std::size_t i) const = 0;

  /// Adds a constant under a new name with `key` in it; returns the name.
  virtual std::string add_constant(const std::string& key, Tensor value) = 0;
  /// Adds a node with a new name and a new output, which it returns; the names have `key` in them.
  virtual std::string add(const std::string& key, const std::string& op, std::vector<std::string> inputs,
                          std::map<std::string, Attribute> attributes = {}) = 0;
  /// Adds a node for one output of the node, which keeps its name.
  virtual void add_output(std::size_t i, const std::string& op, std::vector<std::string> inputs,
                          std::map<std::string, Attribute> attributes = {}) = 0;
};

}  // namespace einet::graph
