// A matrix product for 1x1 convolutions on slices of wide channels-last buffers: many rows (pixels), few columns
// (output channels), and a row stride larger than the row. oneDNN 2.6 uses gemm:jit for this, which packs its operands
// into memory allocated in every call; for 784x8x8 it took 10 us, this kernel takes less than 2.
//
// The weights are stored as panels of 16 columns, [inputs][16], so a panel's row is one AVX-512 vector (or two of AVX2,
// four of SSE or NEON). A tile of R rows by one or two panels stays in registers for the whole inner dimension: per
// step one load per panel vector, and per row one broadcast and as many multiply-adds. R x panels is chosen to fill the
// registers: 12 x 2 of 32 (AVX-512), 6 x 1 (two vectors each) of 16 (AVX2), 3 x 1 (four vectors each) of 16. The result
// is clamped in registers and written once. Nothing is packed at run time, so x may have any stride; a panel (64 bytes
// times inputs) stays in the first-level cache for the usual few hundred inputs.

#include "exec/kernels/pointwise.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/pointwise.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "exec/kernels/part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::CappedTag<float, kPanel>;
using Vector = hn::Vec<Tag>;
constexpr std::size_t kLanes = hn::MaxLanes(Tag());
constexpr std::size_t kVectors = kPanel / kLanes;  // Per panel.
constexpr std::size_t kRows = kVectors <= 1 ? 12 : kVectors == 2 ? 6 : 3;

struct Task {
  Source x;
  Target y;
  const float* panel;
  const float* bias;
  std::int64_t inputs;
  std::size_t columns;  // Valid columns of the current panels.
  Clamp clamp;
};

// Vector v of the weights of input k.
HWY_INLINE const float* weights(const Task& task, std::int64_t k, std::size_t v) {
  return task.panel + (static_cast<std::int64_t>(v / kVectors) * task.inputs + k) * kPanel + v % kVectors * kLanes;
}

template <std::size_t kWide>
HWY_INLINE void store(const Task& task, std::int64_t row, const Vector (&sums)[kWide]) {
  const Tag d;
  const Vector low = hn::Set(d, task.clamp.low), high = hn::Set(d, task.clamp.high);
  float* y = task.y.data + row * task.y.stride;
#pragma GCC unroll 16
  for (std::size_t v = 0; v < kWide; ++v) {
    const Vector result = hn::Min(hn::Max(sums[v], low), high);
    const std::size_t column = v * kLanes;
    if (column + kLanes <= task.columns) {
      hn::StoreU(result, d, y + column);
    } else if (column < task.columns) {
      store_part(result, task.columns - column, d, y + column);
    }
  }
}

template <std::size_t kTileRows, std::size_t kPanels>
HWY_INLINE void tile(const Task& task, std::int64_t row) {
  constexpr std::size_t kWide = kPanels * kVectors;
  const Tag d;
  Vector sums[kTileRows][kWide];
#pragma GCC unroll 16
  for (std::size_t r = 0; r < kTileRows; ++r) {
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kWide; ++v) sums[r][v] = hn::LoadU(d, task.bias + v * kLanes);
  }
  const float* HWY_RESTRICT x = task.x.data + row * task.x.stride;
  const std::int64_t stride = task.x.stride;
  const std::int64_t inputs = task.inputs;
  for (std::int64_t k = 0; k < inputs; ++k) {
    Vector row_of_weights[kWide];
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kWide; ++v) row_of_weights[v] = hn::LoadU(d, weights(task, k, v));
#pragma GCC unroll 16
    for (std::size_t r = 0; r < kTileRows; ++r) {
      const Vector value = hn::Set(d, x[static_cast<std::int64_t>(r) * stride + k]);
#pragma GCC unroll 16
      for (std::size_t v = 0; v < kWide; ++v) sums[r][v] = hn::MulAdd(value, row_of_weights[v], sums[r][v]);
    }
  }
#pragma GCC unroll 16
  for (std::size_t r = 0; r < kTileRows; ++r) store<kWide>(task, row + static_cast<std::int64_t>(r), sums[r]);
}

// With a single row, each step would wait for the previous sums, so four steps of the inner dimension have separate
// sums.
template <std::size_t kPanels>
HWY_INLINE void single(const Task& task, std::int64_t row) {
  constexpr std::size_t kWide = kPanels * kVectors;
  constexpr std::int64_t kSteps = 4;
  const Tag d;
  Vector sums[kSteps][kWide];
#pragma GCC unroll 16
  for (std::size_t v = 0; v < kWide; ++v) {
    sums[0][v] = hn::LoadU(d, task.bias + v * kLanes);
    sums[1][v] = sums[2][v] = sums[3][v] = hn::Zero(d);
  }
  const float* HWY_RESTRICT x = task.x.data + row * task.x.stride;
  const std::int64_t inputs = task.inputs;
  const auto step = [&](std::int64_t k, std::int64_t at) HWY_ATTR {
    const Vector value = hn::Set(d, x[k]);
#pragma GCC unroll 16
    for (std::size_t v = 0; v < kWide; ++v) {
      sums[at][v] = hn::MulAdd(value, hn::LoadU(d, weights(task, k, v)), sums[at][v]);
    }
  };
  std::int64_t k = 0;
  for (; k + kSteps <= inputs; k += kSteps) {
#pragma GCC unroll 16
    for (std::int64_t at = 0; at < kSteps; ++at) step(k + at, at);
  }
  for (; k < inputs; ++k) step(k, 0);
  Vector total[kWide];
#pragma GCC unroll 16
  for (std::size_t v = 0; v < kWide; ++v) {
    total[v] = hn::Add(hn::Add(sums[0][v], sums[1][v]), hn::Add(sums[2][v], sums[3][v]));
  }
  store<kWide>(task, row, total);
}

template <std::size_t kPanels>
void rows(const Task& task, std::int64_t pixels) {
  std::int64_t row = 0;
  for (; row + static_cast<std::int64_t>(kRows) <= pixels; row += kRows) tile<kRows, kPanels>(task, row);
  if constexpr (kRows > 4) {
    for (; row + 4 <= pixels; row += 4) tile<4, kPanels>(task, row);
  }
  for (; row < pixels; ++row) single<kPanels>(task, row);
}

void multiply(Source x, Target y, std::int64_t pixels, const float* panels, const float* bias, std::int64_t inputs,
              std::int64_t outputs, Clamp clamp) {
  std::int64_t column = 0;
  const auto task = [&](std::int64_t most) {
    return Task{x,
                {y.data + column, y.stride},
                panels + column * inputs,
                bias + column,
                inputs,
                static_cast<std::size_t>(std::min(most, outputs - column)),
                clamp};
  };
  if constexpr (kVectors <= 1) {
    for (; outputs - column > kPanel; column += 2 * kPanel) rows<2>(task(2 * kPanel), pixels);
  }
  for (; column < outputs; column += kPanel) rows<1>(task(kPanel), pixels);
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::exec {
namespace {

HWY_EXPORT(multiply);

}  // namespace

Pointwise::Pointwise(std::int64_t inputs, std::int64_t outputs, const std::vector<float>& weights,
                     const std::vector<float>& bias, WeightStore& store)
    : inputs_(inputs), outputs_(outputs) {
  const std::int64_t padded = (outputs + kPanel - 1) / kPanel * kPanel;
  panels_ = store.take_floats(padded * inputs);
  bias_ = store.take_floats(padded);
  std::fill_n(panels_, padded * inputs, 0.0f);
  std::fill(std::copy(bias.begin(), bias.end(), bias_), bias_ + padded, 0.0f);
  for (std::int64_t m = 0; m < outputs; ++m) {
    for (std::int64_t k = 0; k < inputs; ++k) {
      panels_[(m / kPanel * inputs + k) * kPanel + m % kPanel] = weights[static_cast<std::size_t>(m * inputs + k)];
    }
  }
}

void Pointwise::run(Source x, Target y, std::int64_t pixels, Clamp clamp) const {
  HWY_DYNAMIC_DISPATCH(multiply)(x, y, pixels, panels_, bias_, inputs_, outputs_, clamp);
}

}  // namespace einet::exec
#endif
