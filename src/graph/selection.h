#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// The common form of Slice, Pad, Resize (nearest), Gather, Expand and Tile: along each dimension, every position of
/// the result is copied from one position of the input, or filled.
struct Selection {
  /// The input's shape, with leading dimensions of size 1 if the result has more dimensions.
  Shape from;
  /// [dimension of `from`][position in the result]; kFilled = no element. In C order, the elements are those of the
  /// result, whose shape may split a dimension (Gather with a matrix of indices) or drop it (with a single index).
  std::vector<std::vector<std::int64_t>> source;
  float fill = 0.0f;

  static constexpr std::int64_t kFilled = -1;
};

/// The constants among the inputs of `node`; nullptr for inputs that are absent or not constant.
std::vector<const Tensor*> constants(const Graph& graph, const Node& node);

/// Whether `node` is one of these operators.
bool is_selection(const Node& node);

/// For an input of shape `x` and the constant inputs of the node. selected_shape() uses only sizes; its memory does not
/// grow with them. Throw kInvalidData or kUnsupported, naming the node.
Shape selected_shape(const Node& node, const Shape& x, std::span<const Tensor* const> constants);
Selection selection(const Node& node, const Shape& x, std::span<const Tensor* const> constants);

/// Whether `node` is a Resize with mode "linear" or "cubic", which is not a selection.
bool interpolates(const Node& node);

/// The computation of such a Resize: an element of the result is the sum, over all combinations of its taps along the
/// dimensions, of the product of their weights and the input's element at their positions; it is `fill` if it has no
/// taps along some dimension.
struct Interpolation {
  using Taps = std::vector<std::pair<std::int64_t, float>>;  ///< Position in the input, weight.
  std::vector<std::vector<Taps>> taps;                       ///< [dimension][position in the result]
  float fill = 0.0f;

  /// Whether dimension `d`, of `inputs` elements, is unchanged.
  bool keeps(std::size_t d, std::int64_t inputs) const;
};

/// For a node for which interpolates() holds; arguments and errors are those of selection().
Interpolation interpolation(const Node& node, const Shape& x, std::span<const Tensor* const> constants);

/// The permutation of a Transpose of a value with `rank` dimensions: dimension i of the result is dimension
/// permutation[i] of the input. Throws kInvalidData, naming the node.
std::vector<std::size_t> transposition(const Node& node, std::size_t rank);

/// The dimensions that a ReduceMean averages over, ascending. Throws kInvalidData, naming the node.
std::vector<std::size_t> reduced_axes(const Node& node, std::size_t rank);

}  // namespace einet::graph
