#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "train/operators.h"

namespace einet::train {

/// A part of a network: the steps that compute some of its values from others. Created by Interpreter::route().
struct Route {
  struct Visit {
    int step;
    bool training;  ///< Normalisations use the batch and update their running statistics; Dropout is active.
  };
  std::vector<int> from;
  std::vector<int> to;
  std::vector<Visit> visits;
  std::vector<int> readers;  ///< By slot: how often it is read, by the visits and at the end of the route.
};

/// Runs a graph with automatic differentiation, in the graph's own order, one libtorch call per node.
class Interpreter {
 public:
  struct Parameter {
    std::string name;  ///< Of the initializer.
    at::Tensor value;  ///< Requires a gradient, unless switched off.
    bool decays;       ///< Whether weight decay applies.
  };

  /// Copies the weights to `device`, filters in `layout`. Throws kUnsupported (operator and node named).
  Interpreter(const graph::Graph& graph, at::Device device, at::MemoryFormat layout = at::MemoryFormat::Contiguous);

  /// The route from the values `from` to the values `to`; nodes marked in `training` (by index in the graph; empty =
  /// none) run in training mode. Throws kInternal if `to` cannot be computed from `from`.
  Route route(const std::vector<std::string>& from, const std::vector<std::string>& to,
              const std::vector<bool>& training) const;
  /// The values at the end of a route, given those at its beginning.
  std::vector<at::Tensor> forward(const Route& route, const std::vector<at::Tensor>& inputs) const;
  /// Values of the graph's outputs for `input` [N,...], all nodes in training mode or none.
  std::vector<at::Tensor> forward(const at::Tensor& input, bool training) const;

  /// The parameters to be optimized, sorted by name.
  const std::vector<Parameter>& parameters() const { return parameters_; }
  /// Everything that training changes: parameters and running statistics. The tensors are handles, not copies.
  const std::map<std::string, at::Tensor>& state() const { return state_; }
  /// Copies the current values of state() into the initializers of `graph`.
  void write_weights(graph::Graph& graph) const;

 private:
  struct NodeCall {
    Operation run;
    std::vector<int> inputs;  ///< Slots; -1 = absent.
    int output;
    std::size_t node;  ///< Index in the graph; of the first if two nodes form one step.
  };

  void add_constants(const graph::Graph& graph, at::Device device, at::MemoryFormat layout);
  int slot(const std::string& value);

  std::map<std::string, int> slots_;
  std::vector<at::Tensor> constants_;  ///< By slot; undefined for values of a run.
  std::vector<NodeCall> steps_;
  Route training_, evaluation_;
  std::vector<Parameter> parameters_;
  std::map<std::string, at::Tensor> state_;
};

}  // namespace einet::train
