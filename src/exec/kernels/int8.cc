#include "exec/kernels/int8.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "exec/kernels/window_part.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/int8.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "exec/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The integers of a vector, as floats. Division is several times slower than multiplication by the reciprocal. The two
// differ by less than 1e-4, or 0.02 with 16 bits, if the result does not saturate, so they are only rounded differently
// near the middle of two integers; only then is the vector divided.
template <class D>
struct Rounding {
  using V = hn::Vec<D>;
  Rounding(D d, const graph::Grid& grid)
      : scale(hn::Set(d, grid.scale)),
        reciprocal(hn::Set(d, 1.0f / grid.scale)),
        middle(hn::Set(d, std::isinf(1.0f / grid.scale) ? -1.0f
                          : grid.is_byte()              ? 0.4999f
                                                        : 0.48f)),
        zero(hn::Set(d, static_cast<float>(grid.zero))),
        low(hn::Set(d, static_cast<float>(grid.low))),
        high(hn::Set(d, static_cast<float>(grid.high))) {}

  HWY_INLINE V operator()(V x) const {
    const V scaled = hn::Mul(x, reciprocal);
    V whole = hn::Round(scaled);
    const D d;
    if (HWY_UNLIKELY(!hn::AllFalse(d, hn::Gt(hn::Abs(hn::Sub(scaled, whole)), middle)))) {
      whole = hn::Round(hn::Div(x, scale));
    }
    return hn::Min(hn::Max(hn::Add(whole, zero), low), high);
  }

  V scale, reciprocal, middle, zero, low, high;
};

void round_all(Source x, Target y, Extent extent, const graph::Grid& grid) {
  const hn::ScalableTag<float> d;
  const Rounding<decltype(d)> round(d, grid);
  const auto scale = hn::Set(d, grid.scale);
  map_one(x, y, extent,
          [&](auto, auto value, std::size_t) { return hn::Mul(hn::Sub(round(value), round.zero), scale); });
}

template <class Byte>
HWY_INLINE void quantize_all(Source x, Byte* y, Extent extent, const graph::Grid& grid) {
  const hn::ScalableTag<float> d;
  const hn::Rebind<std::int32_t, decltype(d)> wide;
  const hn::Rebind<Byte, decltype(d)> narrow;
  const Rounding<decltype(d)> round(d, grid);
  for (std::int64_t p = 0; p < extent.pixels; ++p, y += extent.channels) {
    const float* from = x.data + p * x.stride;
    const auto bytes = [&](auto value) { return hn::DemoteTo(narrow, hn::ConvertTo(wide, round(value))); };
    each_vector(
        d, static_cast<std::size_t>(extent.channels),
        [&](std::size_t c) { hn::StoreU(bytes(hn::LoadU(d, from + c)), narrow, y + c); },
        [&](std::size_t c, std::size_t count) {
          HWY_ALIGN Byte last[hn::MaxLanes(narrow)];
          hn::Store(bytes(load_part(count, d, from + c)), narrow, last);
          std::memcpy(y + c, last, count);
        });
  }
}

template <class Byte>
HWY_INLINE void dequantize_all(const Byte* x, Target y, Extent extent, const graph::Grid& grid) {
  const hn::ScalableTag<float> d;
  const hn::Rebind<std::int32_t, decltype(d)> wide;
  const hn::Rebind<Byte, decltype(d)> narrow;
  const auto scale = hn::Set(d, grid.scale), zero = hn::Set(d, static_cast<float>(grid.zero));
  const auto floats = [&](auto bytes) {
    return hn::Mul(hn::Sub(hn::ConvertTo(d, hn::PromoteTo(wide, bytes)), zero), scale);
  };
  for (std::int64_t p = 0; p < extent.pixels; ++p, x += extent.channels) {
    float* to = y.data + p * y.stride;
    each_vector(
        d, static_cast<std::size_t>(extent.channels),
        [&](std::size_t c) { hn::StoreU(floats(hn::LoadU(narrow, x + c)), d, to + c); },
        [&](std::size_t c, std::size_t count) {
          HWY_ALIGN Byte last[hn::MaxLanes(narrow)] = {};
          std::memcpy(last, x + c, count);
          store_part(floats(hn::Load(narrow, last)), count, d, to + c);
        });
  }
}

template <class Byte>
HWY_INLINE void pool_all(const Pool& pool, const Byte* x, std::int64_t images, std::int64_t height, std::int64_t width,
                         Byte* y, std::int64_t channels) {
  const hn::ScalableTag<Byte> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const graph::WindowGeometry& w = pool.window;
  for (std::int64_t n = 0; n < images; ++n) {
    for (std::int64_t i = 0; i < w.output[0]; ++i) {
      const WindowPart rows = window_part(w, 0, i, height);
      for (std::int64_t j = 0; j < w.output[1]; ++j, y += channels) {
        const WindowPart columns = window_part(w, 1, j, width);
        const Byte* from = x + ((n * height + rows.first) * width + columns.first) * channels;
        const std::int64_t down = w.dilations[0] * width * channels, right = w.dilations[1] * channels;
        std::int64_t c = 0;
        for (; c + lanes <= channels; c += lanes) {
          auto most = hn::LoadU(d, from + c);
          for (std::int64_t p = 0; p < rows.count; ++p) {
            for (std::int64_t q = 0; q < columns.count; ++q) {
              most = hn::Max(most, hn::LoadU(d, from + p * down + q * right + c));
            }
          }
          hn::StoreU(most, d, y + c);
        }
        for (; c < channels; ++c) {
          Byte most = from[c];
          for (std::int64_t p = 0; p < rows.count; ++p) {
            for (std::int64_t q = 0; q < columns.count; ++q) most = std::max(most, from[p * down + q * right + c]);
          }
          y[c] = most;
        }
      }
    }
  }
}

void quantize_any(Source x, void* y, Extent extent, const graph::Grid& grid) {
  grid.low < 0 ? quantize_all(x, static_cast<std::int8_t*>(y), extent, grid)
               : quantize_all(x, static_cast<std::uint8_t*>(y), extent, grid);
}

void dequantize_any(const void* x, Target y, Extent extent, const graph::Grid& grid) {
  grid.low < 0 ? dequantize_all(static_cast<const std::int8_t*>(x), y, extent, grid)
               : dequantize_all(static_cast<const std::uint8_t*>(x), y, extent, grid);
}

void pool_any(const Pool& pool, const void* x, std::int64_t images, std::int64_t height, std::int64_t width, void* y,
              std::int64_t channels, bool is_signed) {
  is_signed ? pool_all(pool, static_cast<const std::int8_t*>(x), images, height, width, static_cast<std::int8_t*>(y),
                       channels)
            : pool_all(pool, static_cast<const std::uint8_t*>(x), images, height, width, static_cast<std::uint8_t*>(y),
                       channels);
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::exec {
namespace {

HWY_EXPORT(round_all);
HWY_EXPORT(quantize_any);
HWY_EXPORT(dequantize_any);
HWY_EXPORT(pool_any);

// Rows without gaps are one long row.
Extent joined(Extent extent, std::int64_t stride) {
  return stride == extent.channels ? Extent{1, extent.pixels * extent.channels} : extent;
}

}  // namespace

void round_rows(Source x, Target y, Extent extent, const graph::Grid& grid) {
  const bool together = x.stride == extent.channels && y.stride == extent.channels;
  HWY_DYNAMIC_DISPATCH(round_all)(x, y, together ? joined(extent, x.stride) : extent, grid);
}

void quantize_rows(Source x, void* y, Extent extent, const graph::Grid& grid) {
  HWY_DYNAMIC_DISPATCH(quantize_any)(x, y, joined(extent, x.stride), grid);
}

void dequantize_rows(const void* x, Target y, Extent extent, const graph::Grid& grid) {
  HWY_DYNAMIC_DISPATCH(dequantize_any)(x, y, joined(extent, y.stride), grid);
}

void max_pool_bytes(const Pool& pool, const void* x, std::int64_t images, std::int64_t height, std::int64_t width,
                    void* y, std::int64_t channels, bool is_signed) {
  HWY_DYNAMIC_DISPATCH(pool_any)(pool, x, images, height, width, y, channels, is_signed);
}

}  // namespace einet::exec
#endif
