#include "exec/kernels/bf16.h"

#include "core/half.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/bf16.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/half-inl.h"

#ifndef EINET_EXEC_KERNELS_BF16_ONCE
#define EINET_EXEC_KERNELS_BF16_ONCE
namespace einet::exec {

inline void convert_one(float from, std::uint16_t& to) { to = float_to_bfloat16(from); }
inline void convert_one(std::uint16_t from, float& to) { to = bfloat16_to_float(from); }

}  // namespace einet::exec
#endif

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using einet::HWY_NAMESPACE::load;
using einet::HWY_NAMESPACE::store;

template <class From, class To>
HWY_INLINE void convert_row(const From* x, To* y, std::int64_t channels) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) store(load(x + c, d), y + c);
  for (; c < channels; ++c) convert_one(x[c], y[c]);
}

void to_bf16(Source x, std::uint16_t* y, Extent extent) {
  for (std::int64_t p = 0; p < extent.pixels; ++p) {
    convert_row(x.data + p * x.stride, y + p * extent.channels, extent.channels);
  }
}

void from_bf16(const std::uint16_t* x, Target y, Extent extent) {
  for (std::int64_t p = 0; p < extent.pixels; ++p) {
    convert_row(x + p * extent.channels, y.data + p * y.stride, extent.channels);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::exec {
namespace {

HWY_EXPORT(to_bf16);
HWY_EXPORT(from_bf16);

// Rows without gaps are one long row.
Extent joined(Extent extent, std::int64_t stride) {
  return stride == extent.channels ? Extent{1, extent.pixels * extent.channels} : extent;
}

}  // namespace

void to_bf16_rows(Source x, std::uint16_t* y, Extent extent) {
  HWY_DYNAMIC_DISPATCH(to_bf16)(x, y, joined(extent, x.stride));
}

void from_bf16_rows(const std::uint16_t* x, Target y, Extent extent) {
  HWY_DYNAMIC_DISPATCH(from_bf16)(x, y, joined(extent, y.stride));
}

}  // namespace einet::exec
#endif
