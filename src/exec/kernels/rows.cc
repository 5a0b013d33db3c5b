#include "exec/kernels/rows.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/rows.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "exec/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

template <class Function>
HWY_INLINE void map_two(Source a, Source b, Target y, Extent extent, Function function) {
  const hn::ScalableTag<float> d;
  for (std::int64_t p = 0; p < extent.pixels; ++p) {
    const float *left = a.data + p * a.stride, *right = b.data + p * b.stride;
    float* to = y.data + p * y.stride;
    each_vector(
        d, static_cast<std::size_t>(extent.channels),
        [&](std::size_t c) { hn::StoreU(function(d, hn::LoadU(d, left + c), hn::LoadU(d, right + c)), d, to + c); },
        [&](std::size_t c, std::size_t count) {
          const auto result = function(d, load_part(count, d, left + c), load_part(count, d, right + c));
          store_part(result, count, d, to + c);
        });
  }
}

template <class D, class V>
HWY_INLINE V clamped(D d, V v, Clamp clamp) {
  return hn::Min(hn::Max(v, hn::Set(d, clamp.low)), hn::Set(d, clamp.high));
}

void copy(Source x, Target y, Extent extent) {
  map_one(x, y, extent, [](auto, auto v, std::size_t) { return v; });
}

void clamp(Source x, Target y, Extent extent, Clamp clamp) {
  map_one(x, y, extent, [=](auto d, auto v, std::size_t) { return clamped(d, v, clamp); });
}

static_assert(hn::MaxLanes(hn::ScalableTag<float>()) <= kPanel);
void affine(Source x, const float* scale, const float* shift, Target y, Extent extent, Clamp clamp) {
  map_one(x, y, extent, [=](auto d, auto v, std::size_t c) {
    return clamped(d, hn::MulAdd(v, hn::LoadU(d, scale + c), hn::LoadU(d, shift + c)), clamp);
  });
}

void add(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  map_two(a, b, y, extent, [=](auto d, auto l, auto r) { return clamped(d, hn::Add(l, r), clamp); });
}

void subtract(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  map_two(a, b, y, extent, [=](auto d, auto l, auto r) { return clamped(d, hn::Sub(l, r), clamp); });
}

void multiply(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  map_two(a, b, y, extent, [=](auto d, auto l, auto r) { return clamped(d, hn::Mul(l, r), clamp); });
}

void divide(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  map_two(a, b, y, extent, [=](auto d, auto l, auto r) { return clamped(d, hn::Div(l, r), clamp); });
}

void largest(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  map_two(a, b, y, extent, [=](auto d, auto l, auto r) { return clamped(d, hn::Max(l, r), clamp); });
}

void smallest(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  map_two(a, b, y, extent, [=](auto d, auto l, auto r) { return clamped(d, hn::Min(l, r), clamp); });
}

void slope(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  map_two(a, b, y, extent, [=](auto d, auto l, auto r) {
    return clamped(d, hn::IfThenElse(hn::Lt(l, hn::Zero(d)), hn::Mul(l, r), l), clamp);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::exec {
namespace {

HWY_EXPORT(copy);
HWY_EXPORT(clamp);
HWY_EXPORT(affine);
HWY_EXPORT(add);
HWY_EXPORT(subtract);
HWY_EXPORT(multiply);
HWY_EXPORT(divide);
HWY_EXPORT(slope);
HWY_EXPORT(largest);
HWY_EXPORT(smallest);

// Rows without gaps are one long row.
template <class... Strides>
Extent joined(Extent extent, Strides... strides) {
  if (((strides == extent.channels) && ...)) return {1, extent.pixels * extent.channels};
  return extent;
}

}  // namespace

void copy_rows(Source x, Target y, Extent extent) {
  HWY_DYNAMIC_DISPATCH(copy)(x, y, joined(extent, x.stride, y.stride));
}

void clamp_rows(Source x, Target y, Extent extent, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(clamp)(x, y, joined(extent, x.stride, y.stride), clamp);
}

void affine_rows(Source x, const float* scale, const float* shift, Target y, Extent extent, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(affine)(x, scale, shift, y, extent, clamp);
}

void add_rows(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(add)(a, b, y, joined(extent, a.stride, b.stride, y.stride), clamp);
}

void subtract_rows(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(subtract)(a, b, y, joined(extent, a.stride, b.stride, y.stride), clamp);
}

void multiply_rows(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(multiply)(a, b, y, joined(extent, a.stride, b.stride, y.stride), clamp);
}

void divide_rows(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(divide)(a, b, y, joined(extent, a.stride, b.stride, y.stride), clamp);
}

void slope_rows(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(slope)(a, b, y, joined(extent, a.stride, b.stride, y.stride), clamp);
}

void largest_rows(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(largest)(a, b, y, joined(extent, a.stride, b.stride, y.stride), clamp);
}

void smallest_rows(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  HWY_DYNAMIC_DISPATCH(smallest)(a, b, y, joined(extent, a.stride, b.stride, y.stride), clamp);
}

}  // namespace einet::exec
#endif
