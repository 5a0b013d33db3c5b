#pragma once

#include <cstdint>

namespace einet::train {

/// A channels-last tensor: `count` rows (pixels) of `channels` values without gaps.
struct Rows {
  std::int64_t count;
  std::int64_t channels;
  bool bf16;  ///< All values of a call are bfloat16, otherwise float. Rounded to nearest, ties to even.
};

/// y = max(scale * x + shift, floor), channel by channel: with floor = 0 a normalisation and its ReLU, with minus
/// infinity the normalisation alone.
struct ScaleShift {
  const float* scale;
  const float* shift;
  float floor;
};

/// Adds the sums of (x - pivot[c]) and of its square to sum[c] and squares[c]. Only short ranges are summed in float.
void add_moments(const Rows& rows, const void* x, const float* pivot, double* sum, double* squares);

/// Applies ScaleShift to x; y may be x.
void scale_shift(const Rows& rows, const void* x, const ScaleShift& forward, void* y);

/// With g = gradient where the result of `forward` was above its floor, otherwise 0: adds the sums of g and of
/// g * (x - pivot[c]).
void add_gradient_moments(const Rows& rows, const void* x, const void* gradient, const ScaleShift& forward,
                          const float* pivot, double* sum, double* products);

/// The gradient of a loss before the normalisation: a[c] * g + b[c] * (x - pivot[c]) + d[c].
struct InputGradient {
  const float* a;
  const float* b;
  const float* d;
  const float* pivot;
};
void input_gradient(const Rows& rows, const void* x, const void* gradient, const ScaleShift& forward,
                    const InputGradient& backward, void* result);

}  // namespace einet::train
