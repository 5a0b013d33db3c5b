// Included once per instruction set, like Highway's own -inl.h files.
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

// The first `count` elements at any address, at most a whole vector, 0 in the other lanes; reads nothing after them.
// Highway's MaskedLoad requires an aligned address or reads a whole vector on machines without such an instruction.
template <class D>
HWY_INLINE hwy::HWY_NAMESPACE::Vec<D> load_part(std::size_t count, D d, const float* from) {
#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
  return hwy::HWY_NAMESPACE::MaskedLoad(hwy::HWY_NAMESPACE::FirstN(d, count), d, from);
#else
  if (count >= hwy::HWY_NAMESPACE::Lanes(d)) return hwy::HWY_NAMESPACE::LoadU(d, from);
  HWY_ALIGN float lanes[hwy::HWY_NAMESPACE::MaxLanes(D())] = {};
  for (std::size_t i = 0; i < count; ++i) lanes[i] = from[i];
  return hwy::HWY_NAMESPACE::Load(d, lanes);
#endif
}

// Stores the first `count` elements of a vector, at most all, without accessing the memory after them: another thread
// may be writing there, and on NEON, Highway's BlendedStore would write back the old values.
template <class D>
HWY_INLINE void store_part(hwy::HWY_NAMESPACE::Vec<D> v, std::size_t count, D d, float* to) {
#if HWY_TARGET <= HWY_AVX2 && HWY_ARCH_X86
  hwy::HWY_NAMESPACE::BlendedStore(v, hwy::HWY_NAMESPACE::FirstN(d, count), d, to);
#else
  if (count >= hwy::HWY_NAMESPACE::Lanes(d)) return hwy::HWY_NAMESPACE::StoreU(v, d, to);
  HWY_ALIGN float lanes[hwy::HWY_NAMESPACE::MaxLanes(D())];
  hwy::HWY_NAMESPACE::Store(v, d, lanes);
  for (std::size_t i = 0; i < count; ++i) to[i] = lanes[i];
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#endif
