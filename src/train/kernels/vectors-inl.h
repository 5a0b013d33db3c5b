// Vectors of float, read from and written as float or bfloat16 (as its bits; rounded to nearest, ties to even).

#if defined(EINET_TRAIN_VECTORS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef EINET_TRAIN_VECTORS_INL_H
#undef EINET_TRAIN_VECTORS_INL_H
#else
#define EINET_TRAIN_VECTORS_INL_H
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace einet::train {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;
using Half = hn::Rebind<std::uint16_t, Tag>;

HWY_INLINE Vector load(const float* p) { return hn::LoadU(Tag(), p); }
HWY_INLINE Vector load(const std::uint16_t* p) {
  const hn::RebindToUnsigned<Tag> bits;
  return hn::BitCast(Tag(), hn::ShiftLeft<16>(hn::PromoteTo(bits, hn::LoadU(Half(), p))));
}

HWY_INLINE void store(Vector value, float* p) { hn::StoreU(value, Tag(), p); }
HWY_INLINE void store(Vector value, std::uint16_t* p) {
  const hn::RebindToUnsigned<Tag> bits;
  const auto raw = hn::BitCast(bits, value);
  const auto odd = hn::And(hn::ShiftRight<16>(raw), hn::Set(bits, 1u));
  const auto rounded = hn::ShiftRight<16>(hn::Add(raw, hn::Add(odd, hn::Set(bits, 0x7fffu))));
  hn::StoreU(hn::DemoteTo(Half(), hn::BitCast(hn::RebindToSigned<Tag>(), rounded)), Half(), p);
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::train
HWY_AFTER_NAMESPACE();

#endif
