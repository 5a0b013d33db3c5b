#include "exec/kernels/scalar.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace einet::exec {
namespace {

float reduced(RowReduction::Kind kind, const float* x, std::int64_t size) {
  const auto sum_of = [=](auto function) {
    return std::transform_reduce(x, x + size, 0.0, std::plus<>(), [=](float v) { return function(double{v}); });
  };
  const auto itself = [](double v) { return v; };
  const auto square = [](double v) { return v * v; };
  switch (kind) {
    case RowReduction::kMean:
      return static_cast<float>(sum_of(itself) / static_cast<double>(size));
    case RowReduction::kSum:
      return static_cast<float>(sum_of(itself));
    case RowReduction::kMax:
      return *std::max_element(x, x + size);
    case RowReduction::kMin:
      return *std::min_element(x, x + size);
    case RowReduction::kProduct:
      return static_cast<float>(std::accumulate(x, x + size, 1.0, std::multiplies<>()));
    case RowReduction::kL1:
      return static_cast<float>(sum_of([](double v) { return std::abs(v); }));
    case RowReduction::kL2:
      return static_cast<float>(std::sqrt(sum_of(square)));
    case RowReduction::kSquares:
      return static_cast<float>(sum_of(square));
    case RowReduction::kLogSum:
      return static_cast<float>(std::log(sum_of(itself)));
    case RowReduction::kLogSumExp: {
      const double largest = *std::max_element(x, x + size);
      return static_cast<float>(largest + std::log(sum_of([=](double v) { return std::exp(v - largest); })));
    }
  }
  return 0.0f;
}

template <class Function>
void combined(Source a, Source b, Target y, Extent extent, Clamp clamp, Function function) {
  for (std::int64_t p = 0; p < extent.pixels; ++p) {
    for (std::int64_t c = 0; c < extent.channels; ++c) {
      const float result = function(a.data[p * a.stride + c], b.data[p * b.stride + c]);
      y.data[p * y.stride + c] = std::min(std::max(result, clamp.low), clamp.high);
    }
  }
}

}  // namespace

void combine_rows(Binary::Kind kind, Source a, Source b, Target y, Extent extent, Clamp clamp) {
  const auto with = [&](auto function) { combined(a, b, y, extent, clamp, function); };
  switch (kind) {
    case Binary::kMod:
      return with([](float l, float r) {
        const float rest = std::fmod(l, r);
        return rest != 0.0f && (rest < 0.0f) != (r < 0.0f) ? rest + r : rest;
      });
    case Binary::kFmod:
      return with([](float l, float r) { return std::fmod(l, r); });
    case Binary::kEqual:
      return with([](float l, float r) { return l == r ? 1.0f : 0.0f; });
    case Binary::kGreater:
      return with([](float l, float r) { return l > r ? 1.0f : 0.0f; });
    case Binary::kGreaterOrEqual:
      return with([](float l, float r) { return l >= r ? 1.0f : 0.0f; });
    case Binary::kLess:
      return with([](float l, float r) { return l < r ? 1.0f : 0.0f; });
    case Binary::kLessOrEqual:
      return with([](float l, float r) { return l <= r ? 1.0f : 0.0f; });
    case Binary::kAnd:
      return with([](float l, float r) { return l != 0.0f && r != 0.0f ? 1.0f : 0.0f; });
    case Binary::kOr:
      return with([](float l, float r) { return l != 0.0f || r != 0.0f ? 1.0f : 0.0f; });
    case Binary::kXor:
      return with([](float l, float r) { return (l != 0.0f) != (r != 0.0f) ? 1.0f : 0.0f; });
    default:
      return power_rows(a, b, y, extent, clamp);
  }
}

void choose_rows(Source condition, Source a, Source b, Target y, Extent extent) {
  for (std::int64_t p = 0; p < extent.pixels; ++p) {
    for (std::int64_t c = 0; c < extent.channels; ++c) {
      const bool holds = condition.data[p * condition.stride + c] != 0.0f;
      y.data[p * y.stride + c] = holds ? a.data[p * a.stride + c] : b.data[p * b.stride + c];
    }
  }
}

void interpolate(const Interpolation& interpolation, const float* x, float* y) {
  const std::int64_t inner = interpolation.inner;
  for (std::int64_t o = 0; o < interpolation.outer; ++o, x += interpolation.inputs * inner) {
    for (const auto& taps : interpolation.taps) {
      std::fill_n(y, inner, taps.empty() ? interpolation.fill : 0.0f);
      for (const auto& [position, weight] : taps) {
        const float* from = x + position * inner;
        for (std::int64_t i = 0; i < inner; ++i) y[i] += weight * from[i];
      }
      y += inner;
    }
  }
}

void power_rows(Source a, Source b, Target y, Extent extent, Clamp clamp) {
  for (std::int64_t p = 0; p < extent.pixels; ++p) {
    for (std::int64_t c = 0; c < extent.channels; ++c) {
      const float power = std::pow(a.data[p * a.stride + c], b.data[p * b.stride + c]);
      y.data[p * y.stride + c] = std::min(std::max(power, clamp.low), clamp.high);
    }
  }
}

void reduce_rows(RowReduction::Kind kind, const float* x, float* y, std::int64_t rows, std::int64_t size) {
  for (std::int64_t i = 0; i < rows; ++i, x += size) y[i] = reduced(kind, x, size);
}

void product(const float* a, const float* b, float* y, const Product& sizes) {
  const std::int64_t columns = sizes.columns, inner = sizes.inner;
  const std::int64_t next_row = sizes.right_turned ? 1 : columns, next_column = sizes.right_turned ? inner : 1;
  std::fill_n(y, sizes.rows * columns, 0.0f);
  for (std::int64_t i = 0; i < sizes.rows; ++i, y += columns) {
    for (std::int64_t k = 0; k < inner; ++k) {
      const float factor = a[i * inner + k];
      for (std::int64_t j = 0; j < columns; ++j) y[j] += factor * b[k * next_row + j * next_column];
    }
  }
}

void permute(const float* x, float* y, std::int64_t images, std::int64_t channels, std::int64_t area) {
  for (std::int64_t n = 0; n < images; ++n, x += channels * area, y += channels * area) {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t i = 0; i < area; ++i) y[i * channels + c] = x[c * area + i];
    }
  }
}

}  // namespace einet::exec
