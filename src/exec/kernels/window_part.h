#pragma once

#include <algorithm>
#include <cstdint>

#include "graph/window.h"

namespace einet::exec {

/// The part of a window that is inside the image, along one dimension.
struct WindowPart {
  std::int64_t first, count;  ///< First position in the image; window elements inside.
  std::int64_t padded;        ///< Elements inside the image or its declared padding.
};

/// For element `output` of the result along `axis`; `size` is that of the image.
inline WindowPart window_part(const graph::WindowGeometry& w, std::size_t axis, std::int64_t output,
                              std::int64_t size) {
  const std::int64_t dilation = w.dilations[axis], kernel = w.kernel[axis];
  const std::int64_t start = output * w.strides[axis] - w.pads_begin[axis];
  const std::int64_t skipped = start < 0 ? (-start + dilation - 1) / dilation : 0;
  const auto before = [&](std::int64_t end) {  // Elements before `end`.
    return std::min(kernel, (end - start + dilation - 1) / dilation);
  };
  return {start + skipped * dilation, before(size) - skipped, before(size + w.pads_end[axis])};
}

}  // namespace einet::exec
