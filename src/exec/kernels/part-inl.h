// Included once per instruction set, as Highway's own -inl.h files are.
#if defined(EINET_EXEC_KERNELS_PART_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EINET_EXEC_KERNELS_PART_INL_H_
#undef EINET_EXEC_KERNELS_PART_INL_H_
#else
#define EINET_EXEC_KERNELS_PART_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

// The part of a vector that `mask` selects, 0 elsewhere, from any address. Highway's MaskedLoad asks for an aligned one
// where the machine has no such instruction; there a whole vector is read, so it must lie in memory that may be read.
template <class D, class Mask>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> load_part(Mask mask, D d, const float* from) {
#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
  return hwy::HWY_NAMESPACE::MaskedLoad(mask, d, from);
#else
  return hwy::HWY_NAMESPACE::IfThenElseZero(mask, hwy::HWY_NAMESPACE::LoadU(d, from));
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#endif
