// For small images with many channels, as in the late layers of a network: at 2x2 pixels, 512 x 512 x 3 x 3 weights are
// used for only four pixels, and most of the time is spent reading nine megabytes of weights. This convolution
// therefore reads each weight once, in memory order, and prefetches the next ones while it computes. Without that, the
// processor's own prefetcher stops whenever a weight is used again, and 512 channels at 4x4 pixels took 1.1 ms instead
// of 0.36. The weights are prefetched at four places at once, because the hardware prefetcher then follows four streams
// and gets further ahead: if the weights come from main memory, this saves a third of the time.
//
// The loops over the weights are, from the outside: elements of the window ("taps"), chunks of input channels, and
// pieces of two vectors of output channels, which stay in the first-level cache. A tap is computed only for pixels
// whose input is not padding: with a window of 3x3, these are 16 of 36 at 2x2 pixels, and 100 of 144 at 4x4 pixels. The
// chunks of these pixels are packed side by side and processed twelve at a time: 12 x 2 sums stay in registers for the
// length of a piece, and are stored in the output between chunks. Pixels are rows of channels at any address, so
// strides, dilation and padding only determine which rows are read.
//
// On images with more than Pixels::kMost pixels, the weights of a tap are read once per group of that many pixels.

#include "exec/kernels/convolution.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "exec/kernels/convolution.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef EINET_EXEC_CONVOLUTION_TASK
#define EINET_EXEC_CONVOLUTION_TASK
namespace einet::exec {

// Some pieces of a convolution.
struct ConvolutionTask {
  Source x, residual;
  Target y;
  std::int64_t first, count;
  const float* weights;
  const float* bias;
  const std::vector<StreamedConvolution::Tap>& taps;
  std::int64_t images, inputs, outputs, input_area, input_width, output_area, output_width;
  std::array<std::int64_t, 2> strides;
  Clamp clamp;
};

constexpr std::int64_t kChunk = 128;

}  // namespace einet::exec
#endif

HWY_BEFORE_NAMESPACE();
namespace einet::exec {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::CappedTag<float, kPanel>;
using Vector = hn::Vec<Tag>;
constexpr std::size_t kLanes = hn::MaxLanes(Tag());
constexpr std::size_t kColumns = 2 * kLanes;
constexpr std::size_t kRows = HWY_TARGET == HWY_NEON || kLanes == 16 ? 12 : 6;  // Of 32 or 16 registers.
std::int64_t columns() { return kColumns; }

// Some pixels and one piece of the output channels.
struct Tile {
  const float* x;       // Rows of kChunk floats.
  float* const* y;      // The piece's columns of every pixel begin so many floats
  std::int64_t column;  // further on.
  const float* weights;
  std::int64_t count;  // Channels.
  // Prefetched at the same time, at four places: one cache line of each for every four channels.
  const char* ahead;
  std::int64_t ahead_bytes;
};

constexpr std::int64_t kUnroll = 4;

// With few rows, each step would wait for the previous sums, so several steps have separate sums.
template <std::size_t kTileRows>
HWY_NOINLINE void multiply(const Tile& tile) {
  constexpr std::size_t kSteps = kTileRows >= 4 ? 1 : kTileRows >= 2 ? 2 : 4;
  const Tag d;
  Vector sums[kSteps][kTileRows][2];
#pragma GCC unroll 16
  for (std::size_t r = 0; r < kTileRows; ++r) {
    sums[0][r][0] = hn::LoadU(d, tile.y[r] + tile.column);
    sums[0][r][1] = hn::LoadU(d, tile.y[r] + tile.column + kLanes);
#pragma GCC unroll 16
    for (std::size_t s = 1; s < kSteps; ++s) sums[s][r][0] = sums[s][r][1] = hn::Zero(d);
  }
  const float* HWY_RESTRICT x = tile.x;
  const float* HWY_RESTRICT weights = tile.weights;
  const char* ahead = tile.ahead;
  const std::int64_t quarter = tile.ahead_bytes / kUnroll, step = tile.ahead_bytes / tile.count;
  constexpr auto kWide = static_cast<std::int64_t>(kColumns);
  const auto multiply_channel = [&](std::int64_t u, std::size_t s) HWY_ATTR {
    __builtin_prefetch(ahead + u * quarter);
    const Vector left = hn::LoadU(d, weights + u * kWide), right = hn::LoadU(d, weights + u * kWide + kLanes);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < kTileRows; ++r) {
      const Vector value = hn::Set(d, x[r * kChunk + u]);
      sums[s][r][0] = hn::MulAdd(value, left, sums[s][r][0]);
      sums[s][r][1] = hn::MulAdd(value, right, sums[s][r][1]);
    }
  };
  std::int64_t left_over = tile.count;
  for (; left_over >= kUnroll; left_over -= kUnroll) {
#pragma GCC unroll 16
    for (std::int64_t u = 0; u < kUnroll; ++u) multiply_channel(u, static_cast<std::size_t>(u) % kSteps);
    x += kUnroll;
    weights += kUnroll * kWide;
    ahead += step;
  }
  for (; left_over > 0; --left_over) {
    multiply_channel(0, 0);
    ++x;
    weights += kColumns;
  }
#pragma GCC unroll 16
  for (std::size_t r = 0; r < kTileRows; ++r) {
#pragma GCC unroll 16
    for (std::size_t s = 1; s < kSteps; ++s) {
      sums[0][r][0] = hn::Add(sums[0][r][0], sums[s][r][0]);
      sums[0][r][1] = hn::Add(sums[0][r][1], sums[s][r][1]);
    }
    hn::StoreU(sums[0][r][0], d, tile.y[r] + tile.column);
    hn::StoreU(sums[0][r][1], d, tile.y[r] + tile.column + kLanes);
  }
}

template <std::size_t... kCounts>
void multiply_rows_of(const Tile& tile, std::int64_t rows, std::index_sequence<kCounts...>) {
  constexpr void (*kKernels[])(const Tile&) = {multiply<kCounts + 1>...};
  kKernels[rows - 1](tile);
}

// Iterates over the pixels for which a tap is inside the image.
class Walk {
 public:
  Walk(const ConvolutionTask& task, const StreamedConvolution::Tap& tap)
      : task_(task), tap_(tap), oy_(tap.begin[0]), ox_(tap.begin[1]) {}

  std::int64_t size() const { return task_.images * (tap_.end[0] - tap_.begin[0]) * (tap_.end[1] - tap_.begin[1]); }

  void next(const float*& x, float*& y) {
    const std::int64_t pixel =
        image_ * task_.input_area + tap_.shift + oy_ * task_.strides[0] * task_.input_width + ox_ * task_.strides[1];
    x = task_.x.data + pixel * task_.x.stride;
    y = task_.y.data + (image_ * task_.output_area + oy_ * task_.output_width + ox_) * task_.y.stride;
    if (++ox_ < tap_.end[1]) return;
    ox_ = tap_.begin[1];
    if (++oy_ < tap_.end[0]) return;
    oy_ = tap_.begin[0];
    ++image_;
  }

 private:
  const ConvolutionTask& task_;
  const StreamedConvolution::Tap& tap_;
  std::int64_t image_ = 0, oy_, ox_;
};

// The pixels that are processed at once.
struct Pixels {
  static constexpr std::int64_t kMost = 10 * static_cast<std::int64_t>(kRows);

  std::int64_t count = 0;
  const float* x[kMost];
  float* y[kMost];
  alignas(64) float packed[kMost * kChunk];

  void take(Walk& walk, std::int64_t pixels) {
    count = pixels;
    for (std::int64_t p = 0; p < pixels; ++p) walk.next(x[p], y[p]);
  }
  void pack(std::int64_t first, std::int64_t channels) {
    for (std::int64_t p = 0; p < count; ++p) std::copy_n(x[p] + first, channels, packed + p * kChunk);
  }
};

// One chunk of a tap, all pieces.
void add_chunk(const ConvolutionTask& task, const Pixels& pixels, std::int64_t channels, const float* weights) {
  const std::int64_t tiles = (pixels.count + kRows - 1) / static_cast<std::int64_t>(kRows);
  const auto bytes = static_cast<std::int64_t>(kColumns * sizeof(float));
  Tile tile;
  tile.count = channels;
  tile.ahead_bytes = bytes * channels / tiles;
  for (std::int64_t piece = task.first; piece < task.first + task.count; ++piece) {
    tile.column = piece * static_cast<std::int64_t>(kColumns);
    tile.weights = weights + tile.column * channels;
    const auto* next = reinterpret_cast<const char*>(tile.weights) + bytes * channels;
    for (std::int64_t t = 0; t < tiles; ++t) {
      const std::int64_t row = pixels.count * t / tiles;
      tile.x = pixels.packed + row * kChunk;
      tile.y = pixels.y + row;
      tile.ahead = next + t * tile.ahead_bytes;
      multiply_rows_of(tile, pixels.count * (t + 1) / tiles - row, std::make_index_sequence<kRows>());
    }
  }
}

// The initial value, from the bias and the residual, and the final clamping.
void begin(const ConvolutionTask& task, std::int64_t p) {
  const Tag d;
  const std::int64_t first = task.first * kColumns, last = first + task.count * kColumns;
  float* y = task.y.data + p * task.y.stride;
  const float* residual = task.residual.data;
  if (residual != nullptr) residual += p * task.residual.stride;
  for (std::int64_t v = first; v < last; v += kLanes) {
    const Vector bias = hn::LoadU(d, task.bias + v);
    hn::StoreU(residual == nullptr ? bias : hn::Add(bias, hn::LoadU(d, residual + v)), d, y + v);
  }
}

void end(const ConvolutionTask& task, std::int64_t p) {
  const Tag d;
  const Vector low = hn::Set(d, task.clamp.low), high = hn::Set(d, task.clamp.high);
  const std::int64_t first = task.first * kColumns, last = first + task.count * kColumns;
  float* y = task.y.data + p * task.y.stride;
  for (std::int64_t v = first; v < last; v += kLanes) {
    hn::StoreU(hn::Min(hn::Max(hn::LoadU(d, y + v), low), high), d, y + v);
  }
}

void convolve(const ConvolutionTask& task) {
  const std::int64_t all = task.images * task.output_area;
  for (std::int64_t p = 0; p < all; ++p) begin(task, p);
  Pixels pixels;
  const float* weights = task.weights;
  for (const StreamedConvolution::Tap& tap : task.taps) {
    Walk walk(task, tap);
    for (std::int64_t left = walk.size(); left > 0; left -= pixels.count) {
      pixels.take(walk, std::min(left, Pixels::kMost));
      for (std::int64_t c = 0; c < task.inputs; c += kChunk) {
        const std::int64_t channels = std::min(kChunk, task.inputs - c);
        pixels.pack(c, channels);
        add_chunk(task, pixels, channels, weights + c * task.outputs);
      }
    }
    weights += task.inputs * task.outputs;
  }
  for (std::int64_t p = 0; p < all; ++p) end(task, p);
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::exec
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::exec {
namespace {

HWY_EXPORT(columns);
HWY_EXPORT(convolve);

std::int64_t columns() { return HWY_DYNAMIC_DISPATCH(columns)(); }

// Outputs [begin, end) of one dimension for which window element `at` is inside the image.
void meet(const graph::WindowGeometry& w, std::size_t dimension, std::int64_t at, std::int64_t size,
          StreamedConvolution::Tap& tap) {
  const std::int64_t shift = at * w.dilations[dimension] - w.pads_begin[dimension], stride = w.strides[dimension];
  const auto inside = [&](std::int64_t output) {
    return output * stride + shift >= 0 && output * stride + shift < size;
  };
  std::int64_t begin = 0, end = w.output[dimension];
  while (begin < end && !inside(begin)) ++begin;
  while (end > begin && !inside(end - 1)) --end;
  tap.begin[dimension] = begin;
  tap.end[dimension] = end;
}

}  // namespace

bool StreamedConvolution::suits(const Convolution& convolution) {
  return convolution.groups == 1 && convolution.weights.shape[0] % (2 * kPanel) == 0;
}

StreamedConvolution::StreamedConvolution(const Convolution& convolution, const graph::Shape& input, WeightStore& store)
    : images_(input[0]),
      inputs_(input[1]),
      outputs_(convolution.weights.shape[0]),
      input_area_(input[2] * input[3]),
      input_width_(input[3]),
      output_area_(convolution.window.output[0] * convolution.window.output[1]),
      output_width_(convolution.window.output[1]),
      strides_{convolution.window.strides[0], convolution.window.strides[1]} {
  const graph::WindowGeometry& w = convolution.window;
  std::vector<std::int64_t> elements;  // Of the window, by tap.
  for (std::int64_t ky = 0; ky < w.kernel[0]; ++ky) {
    for (std::int64_t kx = 0; kx < w.kernel[1]; ++kx) {
      Tap tap;
      meet(w, 0, ky, input[2], tap);
      meet(w, 1, kx, input[3], tap);
      if (tap.begin[0] == tap.end[0] || tap.begin[1] == tap.end[1]) continue;
      tap.shift = (ky * w.dilations[0] - w.pads_begin[0]) * input_width_ + kx * w.dilations[1] - w.pads_begin[1];
      taps_.push_back(tap);
      elements.push_back(ky * w.kernel[1] + kx);
    }
  }
  const std::int64_t wide = columns(), window = w.kernel[0] * w.kernel[1];
  const std::vector<float>& given = convolution.weights.floats();
  weights_ = store.take_floats(static_cast<std::int64_t>(taps_.size()) * inputs_ * outputs_);
  float* next = weights_;
  for (const std::int64_t element : elements) {
    for (std::int64_t begin = 0; begin < inputs_; begin += kChunk) {
      for (std::int64_t piece = 0; piece < outputs_; piece += wide) {
        for (std::int64_t c = begin; c < std::min(begin + kChunk, inputs_); ++c) {
          for (std::int64_t m = piece; m < piece + wide; ++m) {
            *next++ = given[static_cast<std::size_t>((m * inputs_ + c) * window + element)];
          }
        }
      }
    }
  }
  bias_ = store.take_floats(outputs_);
  std::copy(convolution.bias.begin(), convolution.bias.end(), bias_);
}

std::int64_t StreamedConvolution::pieces() const { return outputs_ / columns(); }

void StreamedConvolution::run(Source x, Source residual, Target y, std::int64_t first, std::int64_t count,
                              Clamp clamp) const {
  HWY_DYNAMIC_DISPATCH(convolve)
  ({x, residual, y, first, count, weights_, bias_, taps_, images_, inputs_, outputs_, input_area_, input_width_,
    output_area_, output_width_, strides_, clamp});
}

}  // namespace einet::exec
#endif
