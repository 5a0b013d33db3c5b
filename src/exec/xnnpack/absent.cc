#include "einet/error.h"
#include "exec/xnnpack/layer.h"

namespace einet::exec {

bool has_xnnpack() { return false; }

bool suits_xnnpack(const Convolution&) { return false; }

std::unique_ptr<const LibraryLayer> make_xnnpack_layer(const Convolution&, const graph::Shape&, ArenaRows, ArenaRows,
                                                       Clamp, int, WeightStore&) {
  throw Error(ErrorKind::kInternal, "XNNPACK", "is not part of this build");
}

}  // namespace einet::exec
