#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <vector>

#include "einet/graph/graph.h"
#include "operators.h"

namespace einet::train {

/// Runs a graph with automatic differentiation, in the graph's own order, one libtorch call per node.
class Interpreter {
 public:
  struct Parameter {
    std::string name;  ///< Of the initializer.
    at::Tensor value;  ///< Requires a gradient.
    bool decays;       ///< Whether weight decay applies.
  };

  /// Copies the weights to `device`, filters in `layout`. Throws kUnsupported (operator and node named).
  Interpreter(const graph::Graph& graph, at::Device device, at::MemoryFormat layout = at::MemoryFormat::Contiguous);

  /// Values of the graph's outputs for `input` [N,...]. In training, normalisations use the batch and move their
  /// running statistics, and Dropout drops.
  std::vector<at::Tensor> forward(const at::Tensor& input, bool training) const;

  /// What the optimizer moves, sorted by name.
  const std::vector<Parameter>& parameters() const { return parameters_; }
  /// Everything that training changes: parameters and running statistics. The tensors are handles, not copies.
  const std::map<std::string, at::Tensor>& state() const { return state_; }
  /// Copies the present values of state() into the initializers of `graph`.
  void write_weights(graph::Graph& graph) const;

 private:
  struct Step {
    Operation run;
    std::vector<int> inputs;  ///< Slots; -1 = absent.
    int output;
    std::vector<int> dead;  ///< Slots that no later step reads.
  };

  void add_constants(const graph::Graph& graph, at::Device device, at::MemoryFormat layout);
  int slot(const std::string& value);
  void find_dead_slots();

  std::map<std::string, int> slots_;
  std::vector<at::Tensor> constants_;  ///< By slot; undefined for values of a run.
  std::vector<Step> steps_;
  std::vector<int> outputs_;
  std::vector<Parameter> parameters_;
  std::map<std::string, at::Tensor> state_;
};

}  // namespace einet::train
