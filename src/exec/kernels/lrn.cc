// y[c] = x[c] * (bias + alpha / size * sum of x[c']^2)^-beta over the `size` channels around c.
//
// Channels are processed in chunks. The squares of a chunk and of its neighbours (0 beyond the edges) are stored on the
// stack, and the sums are formed with vector loads at shifted addresses. For beta = 0.75, which all networks known to
// us use, the power is computed with two square roots and a division; otherwise element by element.

#include <algorithm>
#include <cmath>

#include "exec/kernels/window.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/lrn.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "exec/kernels/part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int64_t kChunk = 256;

void lrn_all(const Lrn& lrn, Source x, Target y, Extent extent, Clamp clamp) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::int64_t size = lrn.size, before = (size - 1) / 2;
  const auto factor = hn::Set(d, lrn.alpha / static_cast<float>(lrn.size)), bias = hn::Set(d, lrn.bias);
  const auto low = hn::Set(d, clamp.low), high = hn::Set(d, clamp.high), one = hn::Set(d, 1.0f);
  // Whole vectors are read, even at the end of a chunk.
  alignas(64) float squares[kChunk + kMostNeighbours + kPanel] = {};
  alignas(64) float powers[kPanel];
  for (std::int64_t p = 0; p < extent.pixels; ++p) {
    const float* from = x.data + p * x.stride;
    float* to = y.data + p * y.stride;
    for (std::int64_t first = 0; first < extent.channels; first += kChunk) {
      const std::int64_t count = std::min(kChunk, extent.channels - first);
      for (std::int64_t i = 0; i < count + size - 1; ++i) {
        const std::int64_t c = first + i - before;
        squares[i] = c < 0 || c >= extent.channels ? 0.0f : from[c] * from[c];
      }
      for (std::int64_t i = 0; i < count; i += lanes) {
        auto sum = hn::LoadU(d, squares + i);
        for (std::int64_t k = 1; k < size; ++k) sum = hn::Add(sum, hn::LoadU(d, squares + i + k));
        const auto base = hn::MulAdd(factor, sum, bias);
        auto power = base;
        if (lrn.beta == 0.75f) {
          const auto root = hn::Sqrt(base);
          power = hn::Div(one, hn::Mul(root, hn::Sqrt(root)));
        } else {
          hn::StoreU(base, d, powers);
          for (std::int64_t k = 0; k < lanes; ++k) powers[k] = std::pow(powers[k], -lrn.beta);
          power = hn::LoadU(d, powers);
        }
        const auto rest = static_cast<std::size_t>(count - i);
        const auto result = hn::Mul(load_part(rest, d, from + first + i), power);
        store_part(hn::Min(hn::Max(result, low), high), rest, d, to + first + i);
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

HWY_EXPORT(lrn_all);

}  // namespace

void lrn_rows(const Lrn& lrn, Source x, Target y, Extent extent, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(lrn_all)(lrn, x, y, extent, clamp);
}

}  // namespace einet::exec
#endif
