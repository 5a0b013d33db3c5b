#include "kernels/scalar.h"

#include <algorithm>
#include <cmath>

namespace einet::exec {
namespace {

template <class Function>
void each(Source x, Target y, Extent extent, Function function) {
  for (std::int64_t p = 0; p < extent.pixels; ++p) {
    for (std::int64_t c = 0; c < extent.channels; ++c) y.data[p * y.stride + c] = function(x.data[p * x.stride + c]);
  }
}

}  // namespace

void activate_rows(Activation activation, Source x, Target y, Extent extent) {
  switch (activation.kind) {
    case Activation::kLeakyRelu:
      return each(x, y, extent, [slope = activation.alpha](float v) { return v < 0.0f ? slope * v : v; });
    case Activation::kSigmoid:
      return each(x, y, extent, [](float v) { return 1.0f / (1.0f + std::exp(-v)); });
    case Activation::kTanh:
      return each(x, y, extent, [](float v) { return std::tanh(v); });
    case Activation::kElu:
      return each(x, y, extent, [alpha = activation.alpha](float v) { return v < 0.0f ? alpha * std::expm1(v) : v; });
    case Activation::kHardSigmoid:
      return each(x, y, extent,
                  [=](float v) { return std::clamp(activation.alpha * v + activation.beta, 0.0f, 1.0f); });
    case Activation::kHardSwish:
      return each(x, y, extent, [](float v) { return v * std::clamp(v / 6.0f + 0.5f, 0.0f, 1.0f); });
    case Activation::kNone:
    case Activation::kRelu:
    case Activation::kClip:
      return clamp_rows(x, y, extent, {activation.low(), activation.high()});
  }
}

void softmax_rows(Source x, Target y, Extent extent) {
  for (std::int64_t p = 0; p < extent.pixels; ++p) {
    const float* from = x.data + p * x.stride;
    float* to = y.data + p * y.stride;
    const float largest = *std::max_element(from, from + extent.channels);
    float sum = 0.0f;
    for (std::int64_t c = 0; c < extent.channels; ++c) sum += to[c] = std::exp(from[c] - largest);
    for (std::int64_t c = 0; c < extent.channels; ++c) to[c] /= sum;
  }
}

void mean_rows(const float* x, float* y, std::int64_t rows, std::int64_t size) {
  for (std::int64_t i = 0; i < rows; ++i, x += size) {
    double sum = 0.0;
    for (std::int64_t k = 0; k < size; ++k) sum += x[k];
    y[i] = static_cast<float>(sum / static_cast<double>(size));
  }
}

void product(const float* a, const float* b, float* y, std::int64_t rows, std::int64_t inner, std::int64_t columns) {
  std::fill_n(y, rows * columns, 0.0f);
  for (std::int64_t i = 0; i < rows; ++i, y += columns) {
    for (std::int64_t k = 0; k < inner; ++k) {
      const float factor = a[i * inner + k];
      for (std::int64_t j = 0; j < columns; ++j) y[j] += factor * b[k * columns + j];
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
