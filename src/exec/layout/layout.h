#pragma once

#include <cstdint>
#include <vector>

#include "exec/lowering/network.h"

namespace einet::exec {

/// The location of a value: `pixels` rows of `channels` elements, `stride` elements apart, starting at `offset` in a
/// buffer. Values that are not plain have no gaps, in any order.
struct View {
  int buffer = -1;
  std::int64_t offset = 0;  ///< Floats; 0 for values that are not plain.
  std::int64_t stride = 0;
  std::int64_t channels = 0;
  std::int64_t pixels = 0;

  bool dense() const { return stride == channels; }
  bool operator==(const View&) const = default;
};

/// An operation with the locations of its values. There is no Concat any more: a concatenation is a location, plus
/// copies of the inputs that are not already there.
struct PlacedOperation {
  Operation operation;
  std::vector<View> inputs;
  View output;
  View residual;  ///< buffer -1 = none.
};

struct Buffer {
  std::int64_t floats = 0;
  bool persistent = false;  ///< Does not share memory: the input, and the exits, which are valid until the next run.
};

struct Layout {
  std::vector<Value> values;  ///< Those of the network.
  std::vector<Buffer> buffers;
  std::vector<PlacedOperation> operations;  ///< In the order of execution if no branch is skipped.
  View input;
  std::vector<View> exits;
};

/// Whether a convolution can be computed as a product of the pixels with a matrix, which supports strided rows.
bool is_pointwise(const Operation& operation);

/// Assigns a location to every value. Without `concat_in_place` every concatenation copies all its inputs.
/// See layout.cc.
Layout place(Network network, bool concat_in_place = true);

}  // namespace einet::exec
