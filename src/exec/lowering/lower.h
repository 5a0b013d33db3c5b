#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lowering/network.h"
#include "subject.h"

namespace einet::exec {

/// Translates a graph, node by node, into operations of the block executor; nothing is fused yet.
///
/// To add an operator: write its rule in the file of its family, add a line to that family's table, and, where it needs
/// a new kind of operation, add the kind to network.h and its kernel to build_step() in onednn/steps.cc.
class Lowering {
 public:
  explicit Lowering(const Subject& subject) : subject_(subject) {}
  Network run() &&;

  // For the rules. Errors name the operator and the node.

  /// The value of input i. `ordered`: features are to lie in ONNX's order, which a copy ensures where it must.
  int value(const graph::Node& node, std::size_t i, bool ordered = true);
  const Value& describe(int value) const { return network_.values[value]; }
  bool is_constant(const graph::Node& node, std::size_t i) const;
  bool has(const graph::Node& node, std::size_t i) const { return i < node.inputs.size() && !node.inputs[i].empty(); }
  /// Throws kUnsupported unless input i is a constant of floats.
  const graph::Tensor& constant(const graph::Node& node, std::size_t i) const;
  const graph::Shape& shape(const std::string& value) const { return subject_.shapes.at(value); }

  /// Appends the operation that makes the output of `node`.
  void emit(const graph::Node& node, Kind kind, std::vector<int> inputs, Activation activation = {});
  /// The output of `node` is `value` itself.
  void pass(const graph::Node& node, int value);
  /// The output of `node` is the memory of `value` under another shape: [N,C,H,W] as [N,F], or [N,F] as [N,F,1,1].
  void reshape(const graph::Node& node, int value);

  [[noreturn]] static void unsupported(const graph::Node& node, const std::string& why);

 private:
  int add_value(const std::string& name, const graph::Shape& shape);
  int view(int value, const std::string& name, const graph::Shape& shape);
  int unpermute(int value, const std::string& node);

  const Subject& subject_;
  Network network_;
  std::unordered_map<std::string, int> numbers_;
  std::unordered_map<int, int> unpermuted_;
  int part_ = 0;
};

struct Rule {
  std::string_view op;
  void (*lower)(Lowering&, const graph::Node&);
};
using Rules = std::vector<Rule>;

const Rules& window_rules();       // Conv, MaxPool, AveragePool, GlobalAveragePool
const Rules& matrix_rules();       // Gemm, MatMul
const Rules& channel_rules();      // BatchNormalization, LRN, Softmax, Concat
const Rules& elementwise_rules();  // Relu, LeakyRelu, Clip, Sigmoid, Tanh, Add, Sub, Mul
const Rules& passing_rules();      // Identity, Dropout, Flatten, Reshape

/// Throws kUnsupported for what the block executor cannot run, naming operator and node.
Network lower(const Subject& subject);

}  // namespace einet::exec
