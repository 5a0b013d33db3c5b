#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// One node of a file that is replaced by several nodes of the graph, or none. Nodes must be added in topological
/// order.
class Rewriting {
 public:
  virtual ~Rewriting() = default;

  virtual const Node& node() const = 0;
  /// Whether input i is present.
  bool has(std::size_t i) const { return i < node().inputs.size() && !node().inputs[i].empty(); }
  /// Throws kInvalidData, naming the node, if input i is absent.
  virtual Shape shape(std::size_t i) const = 0;
  /// The value of input i if it is a constant, otherwise nullptr.
  virtual const Tensor* constant(std::size_t i) const = 0;

  /// Adds a constant under a new name with `key` in it; returns the name.
  virtual std::string add_constant(const std::string& key, Tensor value) = 0;
  /// Adds a node with a new name and a new output, and returns the output; both names contain `key`.
  virtual std::string add(const std::string& key, const std::string& op, std::vector<std::string> inputs,
                          std::map<std::string, Attribute> attributes = {}) = 0;
  /// Adds a node that produces output i, which keeps its name.
  virtual void add_output(std::size_t i, const std::string& op, std::vector<std::string> inputs,
                          std::map<std::string, Attribute> attributes = {}) = 0;
};

}  // namespace einet::graph
