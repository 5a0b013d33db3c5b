#pragma once

#include <cstdint>
#include <vector>

#include "exec/lowering/network.h"

namespace einet::exec {

/// Where a value lies: `pixels` rows of `channels` elements, `stride` elements apart, from `offset` of a buffer on.
/// Values that are not plain are dense, whatever their order.
struct View {
  int buffer = -1;
  std::int64_t offset = 0;  ///< Floats; 0 for what is not plain.
  std::int64_t stride = 0;
  std::int64_t channels = 0;
  std::int64_t pixels = 0;

  bool dense() const { return stride == channels; }
  bool operator==(const View&) const = default;
};

/// An operation with its places. No Concat is left: a concatenation is a place, and copies of what does not lie there.
struct PlacedOperation {
  Operation operation;
  std::vector<View> inputs;
  View output;
  View residual;  ///< buffer -1 = none.
};

struct Buffer {
  std::int64_t floats = 0;
  bool persistent = false;  ///< Never shares memory: the input, and the exits until the next run.
};

struct Layout {
  std::vector<Value> values;  ///< Those of the network.
  std::vector<Buffer> buffers;
  std::vector<PlacedOperation> operations;  ///< In the order in which they run when nothing is skipped.
  View input;
  std::vector<View> exits;
};

/// Whether a convolution may run as a product of the pixels with a matrix, which reads and writes strided rows.
bool is_pointwise(const Operation& operation);

/// Places every value of the network. Without `concat_in_place` every concatenation copies all its inputs.
/// See layout.cc.
Layout place(Network network, bool concat_in_place = true);

}  // namespace einet::exec
