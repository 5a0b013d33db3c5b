#include "train/kernels/add_all.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "train/kernels/add_all.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/half-inl.h"

HWY_BEFORE_NAMESPACE();
namespace einet::train {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;
using einet::HWY_NAMESPACE::load;
using einet::HWY_NAMESPACE::store;

template <class T>
void add_all_of(std::span<const void* const> parts, std::int64_t count, T* sum) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Tag()));
  const auto values = [&](std::size_t part) { return static_cast<const T*>(parts[part]); };
  const auto at = [&](std::int64_t i) HWY_ATTR {
    Vector total = load(values(0) + i);
    for (std::size_t part = 1; part < parts.size(); ++part) total = hn::Add(total, load(values(part) + i));
    return total;
  };
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) store(at(i), sum + i);
  if (i == count) return;
  // The rest, padded with 0.
  T one[hn::MaxLanes(Tag())] = {};
  Vector total = hn::Zero(Tag());
  for (std::size_t part = 0; part < parts.size(); ++part) {
    std::memcpy(one, values(part) + i, static_cast<std::size_t>(count - i) * sizeof(T));
    total = part == 0 ? load(one) : hn::Add(total, load(one));
  }
  store(total, one);
  std::memcpy(sum + i, one, static_cast<std::size_t>(count - i) * sizeof(T));
}

void add_all(std::span<const void* const> parts, std::int64_t count, bool bf16, void* sum) {
  if (bf16) {
    add_all_of(parts, count, static_cast<std::uint16_t*>(sum));
  } else {
    add_all_of(parts, count, static_cast<float*>(sum));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::train
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::train {

HWY_EXPORT(add_all);

void add_all(std::span<const void* const> parts, std::int64_t count, bool bf16, void* sum) {
  HWY_DYNAMIC_DISPATCH(add_all)(parts, count, bf16, sum);
}

}  // namespace einet::train
#endif
