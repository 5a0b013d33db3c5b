#pragma once

#include <cstdint>
#include <vector>

#include "graph/tensor.h"

namespace einet::exec {

/// Distance in `from` between neighbours along each dimension of `to`, by NumPy's broadcasting: 0 along dimensions in
/// which `from` is repeated. `from` must broadcast to `to`.
inline std::vector<std::int64_t> broadcast_strides(const graph::Shape& from, const graph::Shape& to) {
  std::vector<std::int64_t> strides(to.size(), 0);
  std::int64_t step = 1;
  for (std::size_t back = 1; back <= from.size(); ++back) {
    const std::int64_t size = from[from.size() - back];
    if (size != 1) strides[to.size() - back] = step;
    step *= size;
  }
  return strides;
}

}  // namespace einet::exec
