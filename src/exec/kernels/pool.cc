#include <algorithm>
#include <limits>

#include "exec/kernels/bf16.h"
#include "exec/kernels/window.h"
#include "exec/kernels/window_part.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/pool.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/half-inl.h"
#include "exec/kernels/part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using einet::HWY_NAMESPACE::load;
using einet::HWY_NAMESPACE::store;

// One output pixel: combines rows*columns input pixels, starting at x and `right` and `down` floats apart.
template <bool kMax>
HWY_INLINE void pixel(const float* x, std::int64_t rows, std::int64_t down, std::int64_t columns, std::int64_t right,
                      float* y, std::size_t channels, float factor, Clamp clamp) {
  const hn::ScalableTag<float> d;
  const auto low = hn::Set(d, clamp.low), high = hn::Set(d, clamp.high), scale = hn::Set(d, factor);
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t c = 0; c < channels; c += lanes) {
    auto result = hn::Set(d, kMax ? -std::numeric_limits<float>::infinity() : 0.0f);
    for (std::int64_t p = 0; p < rows; ++p) {
      for (std::int64_t q = 0; q < columns; ++q) {
        const auto value = load_part(channels - c, d, x + p * down + q * right + c);
        result = kMax ? hn::Max(result, value) : hn::Add(result, value);
      }
    }
    if (!kMax) result = hn::Mul(result, scale);
    store_part(hn::Min(hn::Max(result, low), high), channels - c, d, y + c);
  }
}

// The same for whole vectors of other element types.
template <bool kMax, class From, class To>
HWY_INLINE void pixel(const From* x, std::int64_t rows, std::int64_t down, std::int64_t columns, std::int64_t right,
                      To* y, std::size_t channels, float factor, Clamp clamp) {
  const hn::CappedTag<float, kPanel> d;
  const auto low = hn::Set(d, clamp.low), high = hn::Set(d, clamp.high), scale = hn::Set(d, factor);
  for (std::size_t c = 0; c < channels; c += hn::Lanes(d)) {
    auto result = hn::Set(d, kMax ? -std::numeric_limits<float>::infinity() : 0.0f);
    for (std::int64_t p = 0; p < rows; ++p) {
      for (std::int64_t q = 0; q < columns; ++q) {
        const auto value = load(x + p * down + q * right + c, d);
        result = kMax ? hn::Max(result, value) : hn::Add(result, value);
      }
    }
    if (!kMax) result = hn::Mul(result, scale);
    store(hn::Min(hn::Max(result, low), high), y + c);
  }
}

template <class From, class To>
HWY_INLINE void pool_all(const Pool& pool, const From* x, std::int64_t x_stride, std::int64_t images,
                         std::int64_t height, std::int64_t width, To* y, std::int64_t y_stride, std::int64_t channels,
                         Clamp clamp) {
  const graph::WindowGeometry& w = pool.window;
  To* to = y;
  for (std::int64_t n = 0; n < images; ++n) {
    for (std::int64_t i = 0; i < w.output[0]; ++i) {
      const WindowPart rows = window_part(w, 0, i, height);
      for (std::int64_t j = 0; j < w.output[1]; ++j, to += y_stride) {
        const WindowPart columns = window_part(w, 1, j, width);
        const From* from = x + ((n * height + rows.first) * width + columns.first) * x_stride;
        const std::int64_t down = w.dilations[0] * width * x_stride, right = w.dilations[1] * x_stride;
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

void pool_f32(const Pool& pool, Source x, std::int64_t images, std::int64_t height, std::int64_t width, Target y,
              std::int64_t channels, Clamp clamp) {
  pool_all(pool, x.data, x.stride, images, height, width, y.data, y.stride, channels, clamp);
}

void pool_bf16(const Pool& pool, const void* x, std::int64_t images, std::int64_t height, std::int64_t width, void* y,
               bool to_bf16, std::int64_t channels, Clamp clamp) {
  const auto* from = static_cast<const std::uint16_t*>(x);
  if (to_bf16) {
    pool_all(pool, from, channels, images, height, width, static_cast<std::uint16_t*>(y), channels, channels, clamp);
  } else {
    pool_all(pool, from, channels, images, height, width, static_cast<float*>(y), channels, channels, clamp);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::exec {
namespace {

HWY_EXPORT(pool_f32);
HWY_EXPORT(pool_bf16);

}  // namespace

void pool_rows(const Pool& pool, Source x, std::int64_t images, std::int64_t height, std::int64_t width, Target y,
               std::int64_t channels, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(pool_f32)(pool, x, images, height, width, y, channels, clamp);
}

void pool_rows_bf16(const Pool& pool, const void* x, std::int64_t images, std::int64_t height, std::int64_t width,
                    void* y, bool to_bf16, std::int64_t channels, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(pool_bf16)(pool, x, images, height, width, y, to_bf16, channels, clamp);
}

}  // namespace einet::exec
#endif
