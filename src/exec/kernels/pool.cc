#include <algorithm>
#include <limits>

#include "kernels/window.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pool.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// One output pixel: combines rows*columns input pixels, whose first is x; pixels are `right` and `down` floats apart.
template <bool kMax>
HWY_INLINE void pixel(const float* x, std::int64_t rows, std::int64_t down, std::int64_t columns, std::int64_t right,
                      float* y, std::size_t channels, float factor, Clamp clamp) {
  const hn::ScalableTag<float> d;
  const auto low = hn::Set(d, clamp.low), high = hn::Set(d, clamp.high), scale = hn::Set(d, factor);
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t c = 0; c < channels; c += lanes) {
    const auto mask = hn::FirstN(d, channels - c);
    auto result = hn::Set(d, kMax ? -std::numeric_limits<float>::infinity() : 0.0f);
    for (std::int64_t p = 0; p < rows; ++p) {
      for (std::int64_t q = 0; q < columns; ++q) {
        const auto value = load_part(mask, d, x + p * down + q * right + c);
        result = kMax ? hn::Max(result, value) : hn::Add(result, value);
      }
    }
    if (!kMax) result = hn::Mul(result, scale);
    hn::BlendedStore(hn::Min(hn::Max(result, low), high), mask, d, y + c);
  }
}

// The part of a window that lies inside the image, along one dimension.
struct Inside {
  std::int64_t first, count;  // First position in the image; window elements inside.
  std::int64_t padded;        // Elements inside the image or its declared padding.
};

HWY_INLINE Inside inside(const graph::WindowGeometry& w, std::size_t axis, std::int64_t output, std::int64_t size) {
  const std::int64_t dilation = w.dilations[axis], kernel = w.kernel[axis];
  const std::int64_t start = output * w.strides[axis] - w.pads_begin[axis];
  const std::int64_t skipped = start < 0 ? (-start + dilation - 1) / dilation : 0;
  const auto before = [&](std::int64_t end) {  // Elements that lie before `end`.
    return std::min(kernel, (end - start + dilation - 1) / dilation);
  };
  return {start + skipped * dilation, before(size) - skipped, before(size + w.pads_end[axis])};
}

void PoolAll(const Pool& pool, Source x, std::int64_t images, std::int64_t height, std::int64_t width, Target y,
             std::int64_t channels, Clamp clamp) {
  const graph::WindowGeometry& w = pool.window;
  float* to = y.data;
  for (std::int64_t n = 0; n < images; ++n) {
    for (std::int64_t i = 0; i < w.output[0]; ++i) {
      const Inside rows = inside(w, 0, i, height);
      for (std::int64_t j = 0; j < w.output[1]; ++j, to += y.stride) {
        const Inside columns = inside(w, 1, j, width);
        const float* from = x.data + ((n * height + rows.first) * width + columns.first) * x.stride;
        const std::int64_t down = w.dilations[0] * width * x.stride, right = w.dilations[1] * x.stride;
        const std::int64_t count = pool.include_padding ? rows.padded * columns.padded : rows.count * columns.count;
        const float factor = 1.0f / static_cast<float>(count);
        const auto size = static_cast<std::size_t>(channels);
        if (pool.kind == Pool::kMax) {
          pixel<true>(from, rows.count, down, columns.count, right, to, size, factor, clamp);
        } else {
          pixel<false>(from, rows.count, down, columns.count, right, to, size, factor, clamp);
        }
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::exec {
namespace {

HWY_EXPORT(PoolAll);

}  // namespace

void pool_rows(const Pool& pool, Source x, std::int64_t images, std::int64_t height, std::int64_t width, Target y,
               std::int64_t channels, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(PoolAll)(pool, x, images, height, width, y, channels, clamp);
}

}  // namespace einet::exec
#endif
