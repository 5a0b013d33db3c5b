#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// What Slice, Pad, Resize (nearest), Gather, Expand and Tile have in common: dimension by dimension, every position of
/// the result takes its element from one position of the input, or is filled.
struct Selection {
  /// The input's shape, with dimensions of size 1 in front where the result has more of them.
  Shape from;
  /// [dimension of `from`][position in the result]; kFilled = no element. In C order the result's elements are those
  /// of its shape, which may divide a dimension further (Gather by a matrix of indices) or lack it (by one index).
  std::vector<std::vector<std::int64_t>> source;
  float fill = 0.0f;

  static constexpr std::int64_t kFilled = -1;
};

/// The constants among the inputs of `node`; nullptr for what is none or absent.
std::vector<const Tensor*> constants(const Graph& graph, const Node& node);

/// Whether `node` is one of these.
bool is_selection(const Node& node);

/// For an input of shape `x` and the constant inputs of the node. selected_shape() looks at sizes alone and allocates
/// nothing that grows with them. Throw kInvalidData or kUnsupported, naming the node.
Shape selected_shape(const Node& node, const Shape& x, std::span<const Tensor* const> constants);
Selection selection(const Node& node, const Shape& x, std::span<const Tensor* const> constants);

/// Whether `node` is a Resize in the mode "linear" or "cubic", which is not a selection.
bool interpolates(const Node& node);

/// What such a Resize computes: an element of the result is the sum over the taps of its position in every dimension
/// of the product of their weights with the element of the input at their positions; `fill` where one has no taps.
struct Interpolation {
  using Taps = std::vector<std::pair<std::int64_t, float>>;  ///< Position in the input, weight.
  std::vector<std::vector<Taps>> taps;                       ///< [dimension][position in the result]
  float fill = 0.0f;

  /// Whether dimension `d`, of `inputs` elements, stays as it is.
  bool keeps(std::size_t d, std::int64_t inputs) const;
};

/// For a node that interpolates(); arguments and errors as those of selection().
Interpolation interpolation(const Node& node, const Shape& x, std::span<const Tensor* const> constants);

/// The permutation of a Transpose of a value with `rank` dimensions: dimension i of the result is dimension
/// permutation[i] of the input. Throws kInvalidData, naming the node.
std::vector<std::size_t> transposition(const Node& node, std::size_t rank);

/// The dimensions that a ReduceMean averages over, ascending. Throws kInvalidData, naming the node.
std::vector<std::size_t> reduced_axes(const Node& node, std::size_t rank);

}  // namespace einet::graph
