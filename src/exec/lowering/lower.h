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

/// A value of the network, and how its memory, or a part of it, is read as a value of the graph.
struct Located {
  int value = -1;
  Arrangement arrangement;
};

/// [dimension][position in the result] -> position in the input; graph::Selection::kFilled = none.
using Positions = std::vector<std::vector<std::int64_t>>;
/// All positions of a value, in order.
Positions all_positions(const graph::Shape& shape);

/// How a value with `axis` innermost is viewed: as images if `axis` is the channels of three dimensions or more,
/// otherwise as rows.
graph::Shape memory_along(const graph::Shape& shape, std::size_t axis);
/// The innermost axis of a value of this shape unless another order is required: the channels, or the only axis.
std::size_t usual_axis(const graph::Shape& shape);

/// Translates a graph, node by node, to operations of the block executor, without fusion.
///
/// To add an operator: write its rule in the file of its family and add a line to that family's table. If it needs a
/// new kind of operation, add the kind to network.h and its kernel to build_step() in steps/build.cc.
class Lowering {
 public:
  explicit Lowering(const PreparedGraph& prepared) : subject_(prepared) {}
  Network run() &&;

  // For the rules. Errors name the operator and the node.

  /// The shapes of input i and of the output in the graph.
  const graph::Shape& shape(const graph::Node& node, std::size_t i) const { return shape(node.inputs[i]); }
  const graph::Shape& shape(const graph::Node& node) const { return shape(node.outputs.front()); }

  /// Input i in any arrangement: a part of a value, or a whole value. A constant becomes a Literal.
  Located source(const graph::Node& node, std::size_t i);
  /// The same, but always a whole value; a part is copied.
  Located located(const graph::Node& node, std::size_t i);
  /// Input i with its dimensions in `order`, viewed as `memory`; copied only if necessary.
  int ordered(const graph::Node& node, std::size_t i, std::span<const std::size_t> order, const graph::Shape& memory);
  /// Input i with `axis` innermost: images [N,C,H,W] for the channels of three dimensions or more, otherwise rows
  /// [M,axis].
  int along(const graph::Node& node, std::size_t i, std::size_t axis);
  /// Input i as images [N,C,H,W]; it must have three dimensions or more.
  int image(const graph::Node& node, std::size_t i) { return along(node, i, 1); }
  /// Rearranges input i, reshaped to `as`, which has as many dimensions as `positions`: position p of dimension d of
  /// the result is position positions[d][p] of the input, or `fill` (graph::Selection). Stored in `order`, viewed as
  /// `memory`.
  int rearranged(const graph::Node& node, std::size_t i, const graph::Shape& as, const Positions& positions, float fill,
                 std::span<const std::size_t> order, const graph::Shape& memory);
  /// `value` viewed as `memory`, which must have as many elements.
  int view(int value, const graph::Shape& memory);
  const Value& describe(int value) const { return network_.values[value]; }
  /// Declares that all elements of the output of `node`, which has been emitted, are values of `grid`.
  void set_grid(const graph::Node& node, const std::optional<graph::Grid>& grid) {
    network_.values[located_.at(node.outputs.front()).value].grid = grid;
  }
  /// The scales of input i, constant weights whose outputs are dimension `axis` and number `outputs`, for each output;
  /// empty unless the weights are quantised with 8 bits, per output or with a single scale.
  std::vector<float> weight_scales(const graph::Node& node, std::size_t i, std::int64_t axis,
                                   std::int64_t outputs) const;
  std::vector<const graph::Tensor*> constants(const graph::Node& node) const {
    return graph::constants(subject_.graph, node);
  }
  bool is_constant(const graph::Node& node, std::size_t i) const;
  /// Whether an operator of this name reads the output of `node`.
  bool is_read_by(const graph::Node& node, std::string_view op) const;
  bool has(const graph::Node& node, std::size_t i) const { return i < node.inputs.size() && !node.inputs[i].empty(); }
  /// Throws kUnsupported unless input i is a constant of floats.
  const graph::Tensor& constant(const graph::Node& node, std::size_t i) const;

  /// Appends the operation that produces the output of `node`, which is viewed as `memory` and read as `arrangement`.
  void emit(const graph::Node& node, Kind kind, std::vector<int> inputs, const graph::Shape& memory,
            Arrangement arrangement, Activation activation = {});
  /// The same for an output with `axis` innermost, like the result of along().
  void emit_along(const graph::Node& node, std::size_t axis, Kind kind, std::vector<int> inputs);
  /// Appends an operation for an intermediate value that the graph does not have; returns the value.
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
const Rules& elementwise_rules();  // Relu, LeakyRelu, Clip, Sigmoid, Tanh, Elu, Round, FakeQuantize, …
const Rules& arithmetic_rules();   // Add, Sub, Mul, Div, PRelu, Mod, Equal, And, …
const Rules& passing_rules();      // Identity, Dropout, Flatten, Reshape, Transpose
const Rules& selection_rules();    // Slice, Pad, Resize, Gather, Expand, Tile
const Rules& reduction_rules();    // ReduceMean

/// Throws kUnsupported, naming operator and node, if the block executor cannot run one.
Network lower(const PreparedGraph& prepared);

}  // namespace einet::exec
