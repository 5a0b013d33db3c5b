#include "exec/kernels/finish.h"

#include <algorithm>
#include <array>

#include "exec/kernels/activation.h"
#include "exec/kernels/bf16.h"
#include "exec/kernels/scalar.h"

namespace einet::exec {
namespace {

// Number of elements that stay in the first-level cache between two passes.
constexpr std::int64_t kChunk = 1024;

template <class Work>
void each_chunk(std::int64_t count, Work work) {
  for (std::int64_t first = 0; first < count; first += kChunk) work(first, std::min(kChunk, count - first));
}

void finish_chunk(Activation activation, const float* residual, float* y, std::int64_t count) {
  const Extent row{1, count};
  const Source from{y, count};
  if (residual != nullptr) add_rows(from, {residual, count}, {y, count}, row, {activation.low(), activation.high()});
  if (residual == nullptr || !activation.is_clamp()) activate_rows(activation, from, {y, count}, row);
}

}  // namespace

void finish(Activation activation, const float* residual, float* y, std::int64_t count) {
  each_chunk(count, [&](std::int64_t first, std::int64_t size) {
    finish_chunk(activation, residual == nullptr ? nullptr : residual + first, y + first, size);
  });
}

void finish(Activation activation, const std::uint16_t* residual, std::uint16_t* y, std::int64_t count) {
  std::array<float, kChunk> sum, added;
  each_chunk(count, [&](std::int64_t first, std::int64_t size) {
    const Extent row{1, size};
    from_bf16_rows(y + first, {sum.data(), size}, row);
    if (residual != nullptr) from_bf16_rows(residual + first, {added.data(), size}, row);
    finish_chunk(activation, residual == nullptr ? nullptr : added.data(), sum.data(), size);
    to_bf16_rows({sum.data(), size}, y + first, row);
  });
}

}  // namespace einet::exec
