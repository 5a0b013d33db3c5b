#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exec/lowering/arrangement.h"
#include "exec/lowering/network.h"
#include "exec/prepared_graph.h"
#include "graph/selection.h"

namespace einet::exec {

/// A value of the network and how its memory, or a part of it, is read as a value of the graph.
struct Located {
  int value = -1;
  Arrangement arrangement;
};

/// [dimension][position in the result] -> position in the input; graph::Selection::kFilled = none.
using Positions = std::vector<std::vector<std::int64_t>>;
/// All positions of a value, in order.
Positions all_positions(const graph::Shape& shape);

/// How a value with `axis` innermost is seen: as images where that is the channels of three dimensions or more, else as
/// rows.
graph::Shape memory_along(const graph::Shape& shape, std::size_t axis);
/// The axis that a value of this shape has innermost unless something asks otherwise: the channels, or the only one.
std::size_t usual_axis(const graph::Shape& shape);

/// Translates a graph, node by node, into operations of the block executor; nothing is fused yet.
///
/// To add an operator: write its rule in the file of its family, add a line to that family's table, and, where it needs
/// a new kind of operation, add the kind to network.h and its kernel to build_step() in onednn/steps.cc.
class Lowering {
 public:
  explicit Lowering(const PreparedGraph& prepared) : subject_(prepared) {}
  Network run() &&;

  // For the rules. Errors name the operator and the node.

  /// The shape that the graph gives to input i, and to the output.
  const graph::Shape& shape(const graph::Node& node, std::size_t i) const { return shape(node.inputs[i]); }
  const graph::Shape& shape(const graph::Node& node) const { return shape(node.outputs.front()); }

  /// Input i, wherever its elements are: a part of a value, or the whole of one. A constant becomes a Literal.
  Located source(const graph::Node& node, std::size_t i);
  /// The same, but always the whole of a value; a part is copied.
  Located located(const graph::Node& node, std::size_t i);
  /// Input i with its dimensions in `order` and seen as `memory`, for which a copy is made where that must be.
  int ordered(const graph::Node& node, std::size_t i, std::span<const std::size_t> order, const graph::Shape& memory);
  /// Input i with `axis` innermost: images [N,C,H,W] for the channels of three dimensions or more, else rows [M,axis].
  int along(const graph::Node& node, std::size_t i, std::size_t axis);
  /// Input i as images [N,C,H,W]; it must have three dimensions or more.
  int image(const graph::Node& node, std::size_t i) { return along(node, i, 1); }
  /// Input i as if it had the shape `as`, with as many dimensions as `positions`: element p of dimension d is element
  /// positions[d][p] of it, or `fill` (graph::Selection). Lies in `order`, seen as `memory`.
  int rearranged(const graph::Node& node, std::size_t i, const graph::Shape& as, const Positions& positions, float fill,
                 std::span<const std::size_t> order, const graph::Shape& memory);
  /// `value` seen as `memory`, which must have as many elements.
  int view(int value, const graph::Shape& memory);
  const Value& describe(int value) const { return network_.values[value]; }
  std::vector<const graph::Tensor*> constants(const graph::Node& node) const {
    return graph::constants(subject_.graph, node);
  }
  bool is_constant(const graph::Node& node, std::size_t i) const;
  /// Whether an operator of this name reads the output of `node`.
  bool is_read_by(const graph::Node& node, std::string_view op) const;
  bool has(const graph::Node& node, std::size_t i) const { return i < node.inputs.size() && !node.inputs[i].empty(); }
  /// Throws kUnsupported unless input i is a constant of floats.
  const graph::Tensor& constant(const graph::Node& node, std::size_t i) const;

  /// Appends the operation that makes the output of `node`, whose memory is seen as `memory` and read as `arrangement`.
  void emit(const graph::Node& node, Kind kind, std::vector<int> inputs, const graph::Shape& memory,
            Arrangement arrangement, Activation activation = {});
  /// The same for an output whose `axis` is innermost, as along() gives it.
  void emit_along(const graph::Node& node, std::size_t axis, Kind kind, std::vector<int> inputs);
  /// Appends an operation that makes a value between two nodes of the graph; returns it.
  int append(const std::string& name, Kind kind, std::vector<int> inputs, const graph::Shape& memory);
  /// Sets the output of `node` to `located`.
  void pass(const graph::Node& node, Located located);

  [[noreturn]] static void unsupported(const graph::Node& node, const std::string& why);

 private:
  struct Reordered {
    Located from;
    Arrangement arrangement;
    int to;
    int part;
  };
  const graph::Shape& shape(const std::string& value) const { return subject_.shapes.at(value); }
  int add_value(const std::string& name, const graph::Shape& memory);
  bool is_whole(const Located& located) const;
  int reordered(const Located& from, std::span<const std::size_t> order, const graph::Shape& memory,
                const std::string& node);

  const PreparedGraph& subject_;
  Network network_;
  std::unordered_map<std::string, Located> located_;
  std::vector<Reordered> reordered_;
  int part_ = 0;
};

struct Rule {
  std::string_view op;
  void (*lower)(Lowering&, const graph::Node&);
};
using Rules = std::vector<Rule>;

const Rules& window_rules();       // Conv, ConvTranspose, MaxPool, AveragePool, GlobalAveragePool, GlobalMaxPool
const Rules& matrix_rules();       // Gemm, MatMul
const Rules& channel_rules();      // BatchNormalization, LRN, Softmax, Concat
const Rules& elementwise_rules();  // Relu, LeakyRelu, Clip, Sigmoid, Tanh, Elu, Round, Not, …
const Rules& arithmetic_rules();   // Add, Sub, Mul, Div, PRelu, Mod, Equal, And, …
const Rules& passing_rules();      // Identity, Dropout, Flatten, Reshape, Transpose
const Rules& selection_rules();    // Slice, Pad, Resize, Gather, Expand, Tile
const Rules& reduction_rules();    // ReduceMean

/// Throws kUnsupported for what the block executor cannot run, naming operator and node.
Network lower(const PreparedGraph& prepared);

}  // namespace einet::exec
