#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "graph/window.h"

namespace einet::exec {

/// One operator, ready to run. inputs[k] is the data of input k in C order; nullptr if an optional input is absent or
/// has integers (which the maker has already read). Writes the whole output, in C order.
using Loop = std::function<void(std::span<const float* const> inputs, float* output)>;

/// The arguments of the maker of a loop, valid during the call. Shapes have passed graph::infer_shapes().
struct Operands {
  const graph::Graph& graph;
  const graph::Node& node;
  std::vector<graph::Shape> inputs;  ///< One per input; {} if absent.
  graph::Shape output;

  bool has(std::size_t i) const { return i < node.inputs.size() && !node.inputs[i].empty(); }
  /// [N,C,H,W], or [N,C,L] with a height of 1, of this node. Throw kUnsupported on more spatial dimensions.
  graph::Shape image(graph::Shape shape) const;
  graph::WindowGeometry image(graph::WindowGeometry geometry) const;
  /// Throws kUnsupported, naming operator and node.
  [[noreturn]] void unsupported(const std::string& why) const;
};

struct LoopMaker {
  std::string_view op;
  Loop (*make)(const Operands&);
};
using LoopMakers = std::vector<LoopMaker>;

// One table per family of operators, each in the file of the same name.
const LoopMakers& convolution_loops();    // Conv, ConvTranspose
const LoopMakers& pooling_loops();        // MaxPool, AveragePool, GlobalAveragePool, GlobalMaxPool
const LoopMakers& matrix_loops();         // Gemm, MatMul
const LoopMakers& normalization_loops();  // BatchNormalization, LRN, Softmax
const LoopMakers& activation_loops();     // Relu, LeakyRelu, PRelu, Clip, Sigmoid, …, Identity, Dropout
const LoopMakers& arithmetic_loops();     // Add, Sub, Mul, Div
const LoopMakers& arrangement_loops();    // Concat, Flatten, Reshape, Transpose
const LoopMakers& selection_loops();      // Slice, Pad, Resize, Gather, Expand, Tile
const LoopMakers& reduction_loops();      // ReduceMean

/// The loop of `operands.node`. Throws kUnsupported, naming operator and node.
Loop make_loop(const Operands& operands);

}  // namespace einet::exec
