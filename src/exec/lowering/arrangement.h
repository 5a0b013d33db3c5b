#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "graph/tensor.h"

namespace einet::exec {

/// The arrangement of a value in memory: the location of every element. Transposing and reshaping only change how the
/// same memory is read, and the result of a Slice or a Gather is a part of it, so unless a certain order is required,
/// they cost nothing.
///
/// Each dimension is a list of factors, the most significant first; one step of a factor moves `stride` elements. A
/// channels-last image [N,C,H,W] has the strides H*W*C, 1, W*C, C; flattened to [N,C*H*W], its second dimension has
/// three factors C (stride 1), H (W*C) and W (C).
class Arrangement {
 public:
  /// The dimensions in `order`, outermost first.
  static Arrangement in_order(const graph::Shape& shape, std::span<const std::size_t> order);
  static Arrangement row_major(const graph::Shape& shape);

  graph::Shape shape() const;
  /// The location of the first element.
  std::int64_t base() const { return base_; }
  /// The offset that position `i` of dimension `d` adds to the location of an element.
  std::int64_t offset(std::size_t d, std::int64_t i) const;
  /// Whether every element is at the same location. Both must have the same shape.
  bool operator==(const Arrangement& other) const;

  /// Dimension i of the result is dimension permutation[i] of this.
  Arrangement transposed(std::span<const std::size_t> permutation) const;
  /// The same memory with another shape with as many elements; empty if factors cannot describe it.
  std::optional<Arrangement> reshaped(const graph::Shape& shape) const;
  /// Positions start, start + step, … of dimension `d`, `count` of them; empty if factors cannot describe it.
  std::optional<Arrangement> selected(std::size_t d, std::int64_t start, std::int64_t step, std::int64_t count) const;

 private:
  struct Factor {
    std::int64_t size, stride;
    bool operator==(const Factor&) const = default;
  };
  void append(std::vector<Factor>& dimension, Factor factor) const;

  std::int64_t base_ = 0;
  std::vector<std::vector<Factor>> dimensions_;  ///< Canonical: no factor of size 1, and none that could be merged.
};

/// The order of the dimensions with `axis` innermost and the others unchanged: channels-last for axis 1.
std::vector<std::size_t> innermost(std::size_t rank, std::size_t axis);
/// 0, 1, 2, …
std::vector<std::size_t> row_major_order(std::size_t rank);

}  // namespace einet::exec
