#include "exec/kernels/normalize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/normalize.cc"
// clang-format off
#include <hwy/foreach_target.h>  // Must precede everything that is compiled once per target.
// clang-format on
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "exec/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

// The sum over all pixels of one vector of channels. Blocks of pixels are summed separately, which keeps the rounding
// error small for large images.
template <class D, class Load>
HWY_INLINE hn::Vec<D> sum_of_pixels(D d, std::int64_t area, Load load) {
  constexpr std::int64_t kBlock = 64;
  auto total = hn::Zero(d);
  for (std::int64_t first = 0; first < area; first += kBlock) {
    auto sum = hn::Zero(d);
    for (std::int64_t p = first; p < std::min(area, first + kBlock); ++p) sum = hn::Add(sum, load(p));
    total = hn::Add(total, sum);
  }
  return total;
}

// Every channel is a group, so a vector contains one group per lane.
void normalize_channels(const GroupStatistics& s, Source x, const float* scale, const float* shift, Target y,
                        Extent extent) {
  const hn::ScalableTag<float> d;
  const auto count = hn::Set(d, 1.0f / static_cast<float>(s.area)), epsilon = hn::Set(d, s.epsilon);
  const auto one = [&](std::size_t c, auto load, auto store) HWY_ATTR {
    const auto mean = hn::Mul(
        count, sum_of_pixels(d, s.area, [&](std::int64_t p) HWY_ATTR { return load(x.data + p * x.stride + c); }));
    const auto squares = sum_of_pixels(d, s.area, [&](std::int64_t p) HWY_ATTR {
      const auto difference = hn::Sub(load(x.data + p * x.stride + c), mean);
      return hn::Mul(difference, difference);
    });
    const auto factor = hn::Div(load(scale + c), hn::Sqrt(hn::MulAdd(squares, count, epsilon)));
    const auto summand = load(shift + c);
    for (std::int64_t p = 0; p < s.area; ++p) {
      store(hn::MulAdd(hn::Sub(load(x.data + p * x.stride + c), mean), factor, summand), y.data + p * y.stride + c);
    }
  };
  each_vector(
      d, static_cast<std::size_t>(extent.channels),
      [&](std::size_t c) HWY_ATTR {
        one(
            c, [d](const float* from) HWY_ATTR { return hn::LoadU(d, from); },
            [d](auto v, float* to) HWY_ATTR { hn::StoreU(v, d, to); });
      },
      [&](std::size_t c, std::size_t left) HWY_ATTR {
        one(
            c, [=](const float* from) HWY_ATTR { return load_part(left, d, from); },
            [=](auto v, float* to) HWY_ATTR { store_part(v, left, d, to); });
      });
}

// One group of `run` neighbouring channels.
void normalize_group(const GroupStatistics& s, Source x, const float* scale, const float* shift, Target y,
                     std::int64_t run) {
  const hn::ScalableTag<float> d;
  const auto channels = static_cast<std::size_t>(run);
  const float count = static_cast<float>(s.area) * static_cast<float>(run);
  const auto sum_of = [&](auto function) HWY_ATTR {
    auto total = hn::Zero(d);
    each_vector(
        d, channels,
        [&](std::size_t c) HWY_ATTR {
          total = hn::Add(total, sum_of_pixels(d, s.area, [&](std::int64_t p) HWY_ATTR {
                            return function(hn::LoadU(d, x.data + p * x.stride + c));
                          }));
        },
        [&](std::size_t c, std::size_t left) HWY_ATTR {
          total = hn::Add(total, sum_of_pixels(d, s.area, [&](std::int64_t p) HWY_ATTR {
                            return hn::IfThenElseZero(hn::FirstN(d, left),
                                                      function(load_part(left, d, x.data + p * x.stride + c)));
                          }));
        });
    return hn::GetLane(hn::SumOfLanes(d, total));
  };
  const auto mean = hn::Set(d, sum_of([](auto v) HWY_ATTR { return v; }) / count);
  const float squares = sum_of([&](auto v) HWY_ATTR {
    const auto difference = hn::Sub(v, mean);
    return hn::Mul(difference, difference);
  });
  const auto factor = hn::Set(d, 1.0f / std::sqrt(squares / count + s.epsilon));
  const auto normal = [&](auto v, auto scales, auto shifts)
                          HWY_ATTR { return hn::MulAdd(hn::Mul(hn::Sub(v, mean), factor), scales, shifts); };
  for (std::int64_t p = 0; p < s.area; ++p) {
    const float* from = x.data + p * x.stride;
    float* to = y.data + p * y.stride;
    each_vector(
        d, channels,
        [&](std::size_t c) HWY_ATTR {
          hn::StoreU(normal(hn::LoadU(d, from + c), hn::LoadU(d, scale + c), hn::LoadU(d, shift + c)), d, to + c);
        },
        [&](std::size_t c, std::size_t left) HWY_ATTR {
          const auto result =
              normal(load_part(left, d, from + c), load_part(left, d, scale + c), load_part(left, d, shift + c));
          store_part(result, left, d, to + c);
        });
  }
}

void normalize(const GroupStatistics& s, Source x, const float* scale, const float* shift, Target y, Extent extent) {
  const std::int64_t run = extent.channels / s.groups;
  for (std::int64_t p = 0; p < extent.pixels; p += s.area) {
    const Source from{x.data + p * x.stride, x.stride};
    const Target to{y.data + p * y.stride, y.stride};
    if (run == 1) {
      normalize_channels(s, from, scale, shift, to, extent);
      continue;
    }
    for (std::int64_t c = 0; c < extent.channels; c += run) {
      normalize_group(s, {from.data + c, x.stride}, scale + c, shift + c, {to.data + c, y.stride}, run);
    }
  }
}

void softmax(Source x, Target y, Extent extent, bool logarithm) {
  const hn::ScalableTag<float> d;
  const auto lowest = hn::Set(d, std::numeric_limits<float>::lowest());
  const auto channels = static_cast<std::size_t>(extent.channels);
  for (std::int64_t p = 0; p < extent.pixels; ++p) {
    const float* from = x.data + p * x.stride;
    float* to = y.data + p * y.stride;
    auto most = lowest;
    each_vector(
        d, channels, [&](std::size_t c) HWY_ATTR { most = hn::Max(most, hn::LoadU(d, from + c)); },
        [&](std::size_t c, std::size_t left) HWY_ATTR {
          most = hn::Max(most, hn::IfThenElse(hn::FirstN(d, left), load_part(left, d, from + c), lowest));
        });
    const auto largest = hn::Set(d, hn::GetLane(hn::MaxOfLanes(d, most)));
    auto sum = hn::Zero(d);
    each_vector(
        d, channels,
        [&](std::size_t c) HWY_ATTR {
          const auto difference = hn::Sub(hn::LoadU(d, from + c), largest), power = hn::Exp(d, difference);
          sum = hn::Add(sum, power);
          hn::StoreU(logarithm ? difference : power, d, to + c);
        },
        [&](std::size_t c, std::size_t left) HWY_ATTR {
          const auto difference = hn::Sub(load_part(left, d, from + c), largest);
          const auto power =
              hn::IfThenElseZero(hn::FirstN(d, left), hn::Exp(d, hn::IfThenElseZero(hn::FirstN(d, left), difference)));
          sum = hn::Add(sum, power);
          store_part(logarithm ? difference : power, left, d, to + c);
        });
    const float total = hn::GetLane(hn::SumOfLanes(d, sum));
    const auto factor = hn::Set(d, 1.0f / total), subtrahend = hn::Set(d, std::log(total));
    map_one({to, 0}, {to, 0}, {1, extent.channels}, [&](auto, auto v, std::size_t) HWY_ATTR {
      return logarithm ? hn::Sub(v, subtrahend) : hn::Mul(v, factor);
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::exec {
namespace {

HWY_EXPORT(normalize);
HWY_EXPORT(softmax);

}  // namespace

void normalize_rows(const GroupStatistics& statistics, Source x, const float* scale, const float* shift, Target y,
                    Extent extent) {
  HWY_DYNAMIC_DISPATCH(normalize)(statistics, x, scale, shift, y, extent);
}

void softmax_rows(Source x, Target y, Extent extent, bool logarithm) {
  HWY_DYNAMIC_DISPATCH(softmax)(x, y, extent, logarithm);
}

}  // namespace einet::exec
#endif
