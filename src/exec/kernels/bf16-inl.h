// Included once per instruction set, as Highway's own -inl.h files are.
#if defined(EINET_EXEC_KERNELS_BF16_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EINET_EXEC_KERNELS_BF16_INL_H_
#undef EINET_EXEC_KERNELS_BF16_INL_H_
#else
#define EINET_EXEC_KERNELS_BF16_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

// Whole vectors of `d`, a tag of floats.

template <class D>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> load(D d, const float* from) {
  return hwy::HWY_NAMESPACE::LoadU(d, from);
}

template <class D>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> load(D d, const std::uint16_t* from) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::Rebind<std::uint16_t, D> narrow;
  const hn::Rebind<std::uint32_t, D> wide;
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(wide, hn::LoadU(narrow, from))));
}

template <class D>
HWY_INLINE void store(D d, hwy::HWY_NAMESPACE::Vec<D> v, float* to) {
  hwy::HWY_NAMESPACE::StoreU(v, d, to);
}

template <class D>
HWY_INLINE void store(D, hwy::HWY_NAMESPACE::Vec<D> v, std::uint16_t* to) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::Rebind<std::uint16_t, D> narrow;
  const hn::Rebind<std::uint32_t, D> wide;
  const hn::Rebind<std::int32_t, D> integers;
  const auto bits = hn::BitCast(wide, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(wide, 1u));
  const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(wide, 0x7fffu)));
  // A NaN must not be rounded up to infinity.
  const auto quiet = hn::Or(bits, hn::Set(wide, 0x400000u));
  const auto whole = hn::IfThenElse(hn::RebindMask(wide, hn::Ne(v, v)), quiet, rounded);
  hn::StoreU(hn::DemoteTo(narrow, hn::BitCast(integers, hn::ShiftRight<16>(whole))), narrow, to);
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#endif
