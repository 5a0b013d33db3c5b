// Normalisation over few channels: a row of 5 or 10 values does not fill a vector. Rows without gaps are therefore
// treated as one long array in which the channels repeat. After lcm(channels, lanes) values the pattern of vectors
// repeats as well. Coefficients are laid out in this pattern once per call, and sums are kept in it and folded into
// channels at the end. A pattern has at least kVectors vectors, so that additions do not wait for the previous sum in
// memory.

#include "train/kernels/norm_relu.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "train/kernels/norm_relu.cc"
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

constexpr std::int64_t kVectors = 8;
constexpr std::int64_t kStretch = 128;  // Values per lane that are summed in float.

/// The number of values in a pattern.
std::int64_t pattern_length(std::int64_t channels) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Tag()));
  const std::int64_t length = std::lcm(channels, lanes);
  return length * ((kVectors * lanes + length - 1) / length);
}

std::vector<float> repeated(const float* values, std::int64_t channels) {
  std::vector<float> pattern(pattern_length(channels));
  std::copy_n(values, channels, pattern.begin());
  for (std::size_t i = channels; i < pattern.size(); ++i) pattern[i] = pattern[i - channels];
  return pattern;
}

/// Two sums per channel, stored in the pattern of vectors.
class Sums {
 public:
  Sums(std::int64_t channels, double* first, double* second)
      : channels_(channels), first_(first), second_(second), a_(pattern_length(channels)), b_(a_.size()) {}
  ~Sums() { fold(); }
  Sums(const Sums&) = delete;
  Sums& operator=(const Sums&) = delete;

  HWY_INLINE void add(std::int64_t at, Vector a, Vector b) {
    store(hn::Add(load(a_.data() + at), a), a_.data() + at);
    store(hn::MulAdd(a, b, load(b_.data() + at)), b_.data() + at);
  }
  void end_pattern() {
    if (++patterns_ == kStretch) fold();
  }

 private:
  void fold() {
    for (std::size_t i = 0; i < a_.size(); i += channels_) {
      for (std::int64_t c = 0; c < channels_; ++c) {
        first_[c] += a_[i + c];
        second_[c] += b_[i + c];
      }
    }
    std::fill(a_.begin(), a_.end(), 0.0f);
    std::fill(b_.begin(), b_.end(), 0.0f);
    patterns_ = 0;
  }

  std::int64_t channels_;
  double* first_;
  double* second_;
  std::vector<float> a_, b_;
  std::int64_t patterns_ = 0;
};

/// Calls visit(offset, offset in the pattern) for every vector, and end_pattern() after each pattern. Returns the
/// offset of the rest, which is at the beginning of a pattern.
template <class Visit, class End>
HWY_INLINE std::int64_t for_each_vector(std::int64_t size, std::int64_t length, Visit visit, End end_pattern) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Tag()));
  std::int64_t from = 0;
  for (; from + length <= size; from += length) {
    for (std::int64_t at = 0; at < length; at += lanes) visit(from + at, at);
    end_pattern();
  }
  return from;
}

/// Like for_each_vector, but `visit` gets pointers, and the rest is also visited, in copies of the operands padded with
/// 0. `g` and `result` may be null.
template <class T, class Visit, class End>
HWY_INLINE void run(const Rows& rows, const T* x, const T* g, T* result, Visit visit, End end) {
  const std::int64_t size = rows.count * rows.channels, length = pattern_length(rows.channels);
  const std::int64_t done = for_each_vector(
      size, length,
      [&](std::int64_t i, std::int64_t at)
          HWY_ATTR { visit(x + i, g == nullptr ? nullptr : g + i, result == nullptr ? nullptr : result + i, at); },
      end);
  const std::int64_t rest = size - done;
  if (rest == 0) return;
  std::vector<T> xs(length), gs(length), results(length);
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Tag()));
  std::memcpy(xs.data(), x + done, rest * sizeof(T));
  if (g != nullptr) std::memcpy(gs.data(), g + done, rest * sizeof(T));
  for (std::int64_t at = 0; at < length; at += lanes) visit(xs.data() + at, gs.data() + at, results.data() + at, at);
  if (result != nullptr) std::memcpy(result + done, results.data(), rest * sizeof(T));
}

template <class T>
void moments(const Rows& rows, const T* x, const float* pivot, double* sum, double* squares) {
  // Padding with 0 would add 0 - pivot to the sums, so the rest is summed value by value.
  const std::int64_t length = pattern_length(rows.channels);
  const std::vector<float> pivots = repeated(pivot, rows.channels);
  Sums sums(rows.channels, sum, squares);
  const std::int64_t done = for_each_vector(
      rows.count * rows.channels, length,
      [&](std::int64_t i, std::int64_t at) HWY_ATTR {
        const Vector d = hn::Sub(load(x + i), load(pivots.data() + at));
        sums.add(at, d, d);
      },
      [&] { sums.end_pattern(); });
  std::vector<T> last(length);
  const std::int64_t rest = rows.count * rows.channels - done;
  std::memcpy(last.data(), x + done, rest * sizeof(T));
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Tag()));
  std::vector<float> plain(length);
  for (std::int64_t at = 0; at < length; at += lanes) store(load(last.data() + at), plain.data() + at);
  for (std::int64_t i = 0; i < rest; ++i) {
    const double d = static_cast<double>(plain[i]) - pivots[i];
    sum[i % rows.channels] += d;
    squares[i % rows.channels] += d * d;
  }
}

template <class T>
void apply(const Rows& rows, const T* x, const ScaleShift& forward, T* y) {
  const std::vector<float> scale = repeated(forward.scale, rows.channels);
  const std::vector<float> shift = repeated(forward.shift, rows.channels);
  const Vector floor = hn::Set(Tag(), forward.floor);
  run<T>(
      rows, x, nullptr, y,
      [&](const T* xs, const T*, T* ys, std::int64_t at) HWY_ATTR {
        const Vector value = hn::MulAdd(load(xs), load(scale.data() + at), load(shift.data() + at));
        store(hn::IfThenElse(hn::Lt(value, floor), floor, value), ys);  // Unlike Max, propagates NaN.
      },
      [] {});
}

/// The gradient where the result of the forward pass was above its floor, otherwise 0.
class Gate {
 public:
  Gate(const ScaleShift& forward, std::int64_t channels)
      : scale_(repeated(forward.scale, channels)), shift_(repeated(forward.shift, channels)), floor_(forward.floor) {}
  HWY_INLINE Vector pass(Vector x, Vector g, std::int64_t at) const {
    const Vector y = hn::MulAdd(x, load(scale_.data() + at), load(shift_.data() + at));
    return hn::IfThenElseZero(hn::Gt(y, hn::Set(Tag(), floor_)), g);
  }

 private:
  std::vector<float> scale_, shift_;
  float floor_;
};

template <class T>
void gradient_moments(const Rows& rows, const T* x, const T* gradient, const ScaleShift& forward, const float* pivot,
                      double* sum, double* products) {
  const std::vector<float> pivots = repeated(pivot, rows.channels);
  const Gate gate(forward, rows.channels);
  Sums sums(rows.channels, sum, products);
  run<T>(
      rows, x, gradient, nullptr,
      [&](const T* xs, const T* gs, T*, std::int64_t at) HWY_ATTR {
        const Vector value = load(xs);
        sums.add(at, gate.pass(value, load(gs), at), hn::Sub(value, load(pivots.data() + at)));
      },
      [&] { sums.end_pattern(); });
}

template <class T>
void backward_apply(const Rows& rows, const T* x, const T* gradient, const ScaleShift& forward,
                    const InputGradient& backward, T* result) {
  const std::vector<float> a = repeated(backward.a, rows.channels);
  const std::vector<float> b = repeated(backward.b, rows.channels);
  const std::vector<float> d = repeated(backward.d, rows.channels);
  const std::vector<float> pivot = repeated(backward.pivot, rows.channels);
  const Gate gate(forward, rows.channels);
  run<T>(
      rows, x, gradient, result,
      [&](const T* xs, const T* gs, T* to, std::int64_t at) HWY_ATTR {
        const Vector value = load(xs);
        const Vector rest =
            hn::MulAdd(hn::Sub(value, load(pivot.data() + at)), load(b.data() + at), load(d.data() + at));
        store(hn::MulAdd(gate.pass(value, load(gs), at), load(a.data() + at), rest), to);
      },
      [] {});
}

/// Calls work<T> for the type of the rows.
template <class Work>
HWY_INLINE void typed(const Rows& rows, Work work) {
  if (rows.bf16) {
    work(std::uint16_t{});
  } else {
    work(float{});
  }
}

void add_moments(const Rows& rows, const void* x, const float* pivot, double* sum, double* squares) {
  typed(rows, [&]<class T>(T) { moments(rows, static_cast<const T*>(x), pivot, sum, squares); });
}

void scale_shift(const Rows& rows, const void* x, const ScaleShift& forward, void* y) {
  typed(rows, [&]<class T>(T) { apply(rows, static_cast<const T*>(x), forward, static_cast<T*>(y)); });
}

void add_gradient_moments(const Rows& rows, const void* x, const void* gradient, const ScaleShift& forward,
                          const float* pivot, double* sum, double* products) {
  typed(rows, [&]<class T>(T) {
    gradient_moments(rows, static_cast<const T*>(x), static_cast<const T*>(gradient), forward, pivot, sum, products);
  });
}

void input_gradient(const Rows& rows, const void* x, const void* gradient, const ScaleShift& forward,
                    const InputGradient& backward, void* result) {
  typed(rows, [&]<class T>(T) {
    backward_apply(rows, static_cast<const T*>(x), static_cast<const T*>(gradient), forward, backward,
                   static_cast<T*>(result));
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::train
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::train {

HWY_EXPORT(add_moments);
HWY_EXPORT(scale_shift);
HWY_EXPORT(add_gradient_moments);
HWY_EXPORT(input_gradient);

void add_moments(const Rows& rows, const void* x, const float* pivot, double* sum, double* squares) {
  HWY_DYNAMIC_DISPATCH(add_moments)(rows, x, pivot, sum, squares);
}

void scale_shift(const Rows& rows, const void* x, const ScaleShift& forward, void* y) {
  HWY_DYNAMIC_DISPATCH(scale_shift)(rows, x, forward, y);
}

void add_gradient_moments(const Rows& rows, const void* x, const void* gradient, const ScaleShift& forward,
                          const float* pivot, double* sum, double* products) {
  HWY_DYNAMIC_DISPATCH(add_gradient_moments)(rows, x, gradient, forward, pivot, sum, products);
}

void input_gradient(const Rows& rows, const void* x, const void* gradient, const ScaleShift& forward,
                    const InputGradient& backward, void* result) {
  HWY_DYNAMIC_DISPATCH(input_gradient)(rows, x, gradient, forward, backward, result);
}

}  // namespace einet::train
#endif
