#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// A node together with the shapes of its inputs: everything that a shape rule may use. Graph and node must outlive the
/// call of the rule.
struct Application {
  const Graph& graph;
  const Node& node;
  std::vector<std::optional<Shape>> shapes;  ///< One per input; empty for absent optional inputs.

  bool has(std::size_t i) const { return i < shapes.size() && shapes[i].has_value(); }
  const Shape& shape(std::size_t i) const { return *shapes[i]; }
  /// The value of input i if it is an initializer, otherwise nullptr.
  const Tensor* constant(std::size_t i) const { return has(i) ? graph.constant(node.inputs[i]) : nullptr; }

  [[noreturn]] void invalid(const std::string& why) const;
  [[noreturn]] void unsupported(const std::string& why) const;
};

/// The properties of one ONNX operator.
struct Operator {
  std::string_view name;
  std::size_t least_inputs;
  std::size_t most_inputs;                   ///< kAny = without limit.
  std::vector<std::string_view> attributes;  ///< All supported ones; others are errors.
  Shape (*infer)(const Application&);        ///< Shape of the first output.
};

constexpr std::size_t kAny = static_cast<std::size_t>(-1);
using Operators = std::vector<Operator>;

// One table per family, each in the file of the same name. To add an operator, write its rule there and add a line to
// the table; a new family needs a line here and in shape_inference.cc.
const Operators& convolution_operators();    // Conv, ConvTranspose
const Operators& pooling_operators();        // MaxPool, AveragePool, GlobalAveragePool, GlobalMaxPool
const Operators& matrix_operators();         // Gemm, MatMul
const Operators& normalization_operators();  // BatchNormalization, LayerNormalization, …, LRN, Softmax
const Operators& activation_operators();     // Relu, Clip, Gelu, Erf, Round, FakeQuantize, …, Identity, Dropout
const Operators& arithmetic_operators();     // Add, Mul, Pow, Max, Mod, Equal, Less, And, …
const Operators& arrangement_operators();    // Concat, Flatten, Reshape, Transpose
const Operators& selection_operators();      // Slice, Pad, Resize, Gather, Expand, Tile
const Operators& reduction_operators();      // ReduceMean, ReduceSum, …

/// The operator of this name or nullptr.
const Operator* find_operator(std::string_view name);

/// Shape of the first output of `node`; shape_of(value) returns the shape of an input that is not an initializer.
/// Throws the errors of infer_shapes().
Shape infer_node(const Graph& graph, const Node& node, const std::function<Shape(const std::string&)>& shape_of);

/// Throws kInvalidData, naming the node, if its result would be empty or extremely large.
void check_result(const Node& node, const Shape& shape);

}  // namespace einet::graph
