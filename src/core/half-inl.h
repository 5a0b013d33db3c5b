// half.h for vectors. Included once per instruction set, as Highway's own -inl.h files are.
#if defined(EINET_CORE_HALF_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EINET_CORE_HALF_INL_H_
#undef EINET_CORE_HALF_INL_H_
#else
#define EINET_CORE_HALF_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace einet {
namespace HWY_NAMESPACE {

/// Loads a vector of floats, with the length of tag `d`, from floats or from the bits of bfloat16 values.
template <class D = hwy::HWY_NAMESPACE::ScalableTag<float>>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> load(const float* from, D d = D()) {
  return hwy::HWY_NAMESPACE::LoadU(d, from);
}

template <class D = hwy::HWY_NAMESPACE::ScalableTag<float>>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> load(const std::uint16_t* from, D d = D()) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::Rebind<std::uint16_t, D> narrow;
  const hn::Rebind<std::uint32_t, D> wide;
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(wide, hn::LoadU(narrow, from))));
}

/// Stores a vector of floats as floats, or as bfloat16 with the rounding of float_to_bfloat16().
template <class V>
HWY_INLINE void store(V v, float* to) {
  hwy::HWY_NAMESPACE::StoreU(v, hwy::HWY_NAMESPACE::DFromV<V>(), to);
}

template <class V>
HWY_INLINE void store(V v, std::uint16_t* to) {
  namespace hn = hwy::HWY_NAMESPACE;
  using D = hn::DFromV<V>;
  const hn::Rebind<std::uint16_t, D> narrow;
  const hn::Rebind<std::uint32_t, D> wide;
  const hn::Rebind<std::int32_t, D> integers;
  const auto bits = hn::BitCast(wide, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(wide, 1u));
  const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(wide, 0x7fffu)));
  // A NaN must not be rounded up to infinity.
  const auto quiet = hn::Or(bits, hn::Set(wide, 0x400000u));
  const auto whole = hn::IfThenElse(hn::RebindMask(wide, hn::IsNaN(v)), quiet, rounded);
  hn::StoreU(hn::DemoteTo(narrow, hn::BitCast(integers, hn::ShiftRight<16>(whole))), narrow, to);
}

}  // namespace HWY_NAMESPACE
}  // namespace einet
HWY_AFTER_NAMESPACE();

#endif
