// Included once per instruction set, like Highway's own -inl.h files.
#if defined(EINET_EXEC_KERNELS_MAP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EINET_EXEC_KERNELS_MAP_INL_H_
#undef EINET_EXEC_KERNELS_MAP_INL_H_
#else
#define EINET_EXEC_KERNELS_MAP_INL_H_
#endif

#include <hwy/highway.h>

#include "exec/kernels/part-inl.h"
#include "exec/kernels/rows.h"

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Calls whole(c) for every full vector of a row and part(c, count) for the `count` elements that remain.
template <class D, class Whole, class Part>
HWY_INLINE void each_vector(D d, std::size_t channels, Whole whole, Part part) {
  const std::size_t lanes = hn::Lanes(d);
  std::size_t c = 0;
  for (; c + lanes <= channels; c += lanes) whole(c);
  if (c < channels) part(c, channels - c);
}

// y = function(d, x, channel) for every vector of every row.
template <class Function>
HWY_INLINE void map_one(Source x, Target y, Extent extent, Function function) {
  const hn::ScalableTag<float> d;
  for (std::int64_t p = 0; p < extent.pixels; ++p) {
    const float* from = x.data + p * x.stride;
    float* to = y.data + p * y.stride;
    each_vector(
        d, static_cast<std::size_t>(extent.channels),
        [&](std::size_t c) { hn::StoreU(function(d, hn::LoadU(d, from + c), c), d, to + c); },
        [&](std::size_t c, std::size_t count) {
          store_part(function(d, load_part(count, d, from + c), c), count, d, to + c);
        });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#endif
