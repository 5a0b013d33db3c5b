// Compares the executor's own kernels with plain loops, for unusual sizes and every instruction set of this machine.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "core/half.h"
#include "exec/kernels/activation.h"
#include "exec/kernels/bf16.h"
#include "exec/kernels/convolution.h"
#include "exec/kernels/finish.h"
#include "exec/kernels/pointwise.h"
#include "exec/kernels/rows.h"
#include "exec/kernels/window.h"
#include "exec/targets.h"

namespace einet::exec {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kUntouched = 12345.0f;

// Rows of channels in a wider buffer.
struct Matrix {
  std::int64_t rows, columns, stride;
  std::vector<float> floats;

  Matrix(std::int64_t rows, std::int64_t columns, std::int64_t stride, std::mt19937& random)
      : rows(rows), columns(columns), stride(stride), floats(static_cast<std::size_t>(rows * stride + kPanel)) {
    std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
    for (float& value : floats) value = uniform(random);
  }
  Matrix(std::int64_t rows, std::int64_t columns, std::int64_t stride)
      : rows(rows),
        columns(columns),
        stride(stride),
        floats(static_cast<std::size_t>(rows * stride + kPanel), kUntouched) {}

  float at(std::int64_t row, std::int64_t column) const {
    return floats[static_cast<std::size_t>(row * stride + column)];
  }
  Source source() const { return {floats.data(), stride}; }
  Target target() { return {floats.data(), stride}; }

  void expect_nothing_else_touched() const {
    for (std::size_t i = 0; i < floats.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i) / stride, column = static_cast<std::int64_t>(i) % stride;
      if (row < rows && column < columns) continue;
      ASSERT_EQ(floats[i], kUntouched) << "row " << row << " column " << column;
    }
  }
};

template <class Expected>
void expect_rows(const Matrix& y, Expected expected, float tolerance) {
  for (std::int64_t p = 0; p < y.rows; ++p) {
    for (std::int64_t c = 0; c < y.columns; ++c) ASSERT_NEAR(y.at(p, c), expected(p, c), tolerance) << p << ", " << c;
  }
  y.expect_nothing_else_touched();
}

TEST(Kernels, PointwiseIsAMatrixProduct) {
  for_every_target([] {
    std::mt19937 random(1);
    for (const std::int64_t pixels : {1, 3, 4, 12, 13, 31}) {
      for (const std::int64_t inputs : {1, 4, 7, 33}) {
        for (const std::int64_t outputs : {1, 5, 16, 17, 32, 33, 70}) {
          const Matrix x(pixels, inputs, inputs + 3, random);
          Matrix weights(outputs, inputs, inputs, random);
          const Matrix bias(1, outputs, outputs, random);
          Matrix y(pixels, outputs, outputs + 2);
          weights.floats.resize(static_cast<std::size_t>(outputs * inputs));
          WeightStore store;
          const Pointwise product(inputs, outputs, weights.floats, {bias.floats.begin(), bias.floats.begin() + outputs},
                                  store);
          product.run(x.source(), y.target(), pixels, {-0.5f, 1.0f});
          expect_rows(
              y,
              [&](std::int64_t p, std::int64_t m) {
                double sum = bias.at(0, m);
                for (std::int64_t k = 0; k < inputs; ++k) sum += double{weights.at(m, k)} * x.at(p, k);
                return static_cast<float>(std::min(std::max(sum, -0.5), 1.0));
              },
              1e-5f);
        }
      }
    }
  });
}

struct ConvolutionCase {
  graph::Shape input;  // [N,C,H,W]
  std::int64_t outputs;
  graph::WindowGeometry window;
};

// Plain loops, including the padding.
double convolved(const ConvolutionCase& c, const Matrix& x, const std::vector<float>& weights, std::int64_t pixel,
                 std::int64_t m) {
  const graph::WindowGeometry& w = c.window;
  const std::int64_t image = pixel / (w.output[0] * w.output[1]), oy = pixel / w.output[1] % w.output[0],
                     ox = pixel % w.output[1];
  double sum = 0.0;
  for (std::int64_t k = 0; k < c.input[1]; ++k) {
    for (std::int64_t ky = 0; ky < w.kernel[0]; ++ky) {
      for (std::int64_t kx = 0; kx < w.kernel[1]; ++kx) {
        const std::int64_t iy = oy * w.strides[0] + ky * w.dilations[0] - w.pads_begin[0];
        const std::int64_t ix = ox * w.strides[1] + kx * w.dilations[1] - w.pads_begin[1];
        if (iy < 0 || iy >= c.input[2] || ix < 0 || ix >= c.input[3]) continue;
        const std::int64_t at = ((m * c.input[1] + k) * w.kernel[0] + ky) * w.kernel[1] + kx;
        sum += double{weights[static_cast<std::size_t>(at)]} * x.at((image * c.input[2] + iy) * c.input[3] + ix, k);
      }
    }
  }
  return sum;
}

TEST(Kernels, StreamedConvolutionOfAnyWindow) {
  const std::vector<ConvolutionCase> cases = {
      {{1, 5, 4, 4}, 32, {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {4, 4}}},      // The usual one.
      {{1, 300, 2, 2}, 64, {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {2, 2}}},    // Several chunks, few pixels.
      {{1, 130, 1, 1}, 32, {{3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, {1, 1}}},    // Only the middle tap is inside.
      {{3, 6, 5, 7}, 96, {{3, 2}, {2, 1}, {1, 2}, {1, 0}, {1, 1}, {3, 6}}},      // Batch, strides, dilation.
      {{1, 4, 13, 12}, 32, {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {13, 12}}},  // More pixels than are packed at once.
      {{1, 3, 3, 3}, 32, {{5, 5}, {1, 1}, {1, 1}, {4, 4}, {2, 2}, {5, 5}}},      // Some outputs read only padding.
  };
  for_every_target([&] {
    std::mt19937 random(3);
    for (const ConvolutionCase& c : cases) {
      SCOPED_TRACE(graph::to_string(c.input));
      Convolution convolution{c.window, 1, {}, {}};
      const graph::Shape shape{c.outputs, c.input[1], c.window.kernel[0], c.window.kernel[1]};
      Matrix weights(1, graph::element_count(shape), graph::element_count(shape), random);
      weights.floats.resize(static_cast<std::size_t>(weights.columns));
      convolution.weights = graph::Tensor(shape, weights.floats);
      const Matrix bias(1, c.outputs, c.outputs, random);
      convolution.bias.assign(bias.floats.begin(), bias.floats.begin() + c.outputs);
      ASSERT_TRUE(StreamedConvolution::suits(convolution));

      const std::int64_t pixels = c.input[0] * c.window.output[0] * c.window.output[1];
      const Matrix x(c.input[0] * c.input[2] * c.input[3], c.input[1], c.input[1] + 3, random);
      const Matrix residual(pixels, c.outputs, c.outputs + 1, random);
      WeightStore store;
      const StreamedConvolution streamed(convolution, c.input, store);
      for (const bool added : {false, true}) {
        Matrix y(pixels, c.outputs, c.outputs + 2);
        const Source plus{added ? residual.floats.data() : nullptr, residual.stride};
        // In two parts, as two threads would.
        const std::int64_t half = streamed.pieces() / 2;
        streamed.run(x.source(), plus, y.target(), 0, half, {-2.0f, 3.0f});
        streamed.run(x.source(), plus, y.target(), half, streamed.pieces() - half, {-2.0f, 3.0f});
        expect_rows(
            y,
            [&](std::int64_t p, std::int64_t m) {
              const double sum = convolved(c, x, weights.floats, p, m) + bias.at(0, m);
              return static_cast<float>(std::min(std::max(sum + (added ? residual.at(p, m) : 0.0f), -2.0), 3.0));
            },
            2e-5f);
      }
    }
  });
}

TEST(Kernels, RowsOfAnyWidth) {
  for_every_target([] {
    std::mt19937 random(2);
    for (const std::int64_t channels : {1, 3, 4, 8, 15, 16, 17, 40}) {
      for (const std::int64_t gap : {0, 5}) {
        const Extent extent{7, channels};
        const Matrix a(7, channels, channels + gap, random), b(7, channels, channels + 2 * gap, random);
        const Matrix scale(1, channels, channels, random), shift(1, channels, channels, random);
        const Clamp clamp{-0.25f, 0.5f}, none{-kInfinity, kInfinity};
        const auto clamped = [](float v) { return std::min(std::max(v, -0.25f), 0.5f); };
        const auto check = [&](auto kernel, auto expected) {
          Matrix y(7, channels, channels + 3 * gap);
          kernel(y.target());
          expect_rows(y, expected, 1e-6f);
        };
        using Index = std::int64_t;
        check([&](Target y) { copy_rows(a.source(), y, extent); }, [&](Index p, Index c) { return a.at(p, c); });
        check([&](Target y) { clamp_rows(a.source(), y, extent, clamp); },
              [&](Index p, Index c) { return clamped(a.at(p, c)); });
        check([&](Target y) { affine_rows(a.source(), scale.floats.data(), shift.floats.data(), y, extent, none); },
              [&](Index p, Index c) { return a.at(p, c) * scale.at(0, c) + shift.at(0, c); });
        check([&](Target y) { add_rows(a.source(), b.source(), y, extent, clamp); },
              [&](Index p, Index c) { return clamped(a.at(p, c) + b.at(p, c)); });
        check([&](Target y) { subtract_rows(a.source(), b.source(), y, extent, none); },
              [&](Index p, Index c) { return a.at(p, c) - b.at(p, c); });
        check([&](Target y) { multiply_rows(a.source(), b.source(), y, extent, none); },
              [&](Index p, Index c) { return a.at(p, c) * b.at(p, c); });
      }
    }
  });
}

// Floats at the end of accessible memory: accessing anything after the last one crashes.
class AtTheEnd {
 public:
  explicit AtTheEnd(std::int64_t count) {
    const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    bytes_ = (static_cast<std::size_t>(count) * sizeof(float) / page + 2) * page;
    void* pages = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || ::mprotect(static_cast<char*>(pages) + bytes_ - page, page, PROT_NONE) != 0)
      std::abort();
    pages_ = static_cast<char*>(pages);
    floats_ = reinterpret_cast<float*>(pages_ + bytes_ - page) - count;
  }
  ~AtTheEnd() { ::munmap(pages_, bytes_); }
  AtTheEnd(const AtTheEnd&) = delete;
  AtTheEnd& operator=(const AtTheEnd&) = delete;

  float* floats() { return floats_; }

 private:
  std::size_t bytes_;
  char* pages_;
  float* floats_;
};

// Another thread may be writing after a thread's last row, so kernels must not access that memory, not even to write
// back what they read there, which may be old values by then. Crashes if a kernel does.
TEST(Kernels, AccessNothingAfterTheLastRow) {
  for_every_target([] {
    std::mt19937 random(7);
    const Clamp none{-kInfinity, kInfinity};
    for (const std::int64_t channels : {1, 3, 5, 15, 17}) {
      const Extent extent{2, channels};
      const Matrix x(8, channels, channels, random);
      AtTheEnd y(2 * channels);
      const Target to{y.floats(), channels};
      copy_rows(x.source(), to, extent);
      add_rows(x.source(), x.source(), to, extent, none);
      lrn_rows({5, 2.0f, 0.75f, 1.5f}, x.source(), to, extent, none);
      pool_rows({Pool::kMax, {{2, 2}, {2, 2}, {1, 1}, {0, 0}, {0, 0}, {1, 2}}, false}, x.source(), 1, 2, 4, to,
                channels, none);
      WeightStore store;
      const std::vector<float> weights(static_cast<std::size_t>(channels * channels), 0.5f);
      const std::vector<float> bias(static_cast<std::size_t>(channels), 0.25f);
      const Pointwise product(channels, channels, weights, bias, store);
      product.run(x.source(), to, 2, none);
      for (std::int64_t p = 0; p < 2; ++p) {
        float sum = 0.25f;
        for (std::int64_t c = 0; c < channels; ++c) sum += 0.5f * x.at(p, c);
        ASSERT_NEAR(y.floats()[p * channels + channels - 1], sum, 1e-5f);
      }
    }
  });
}

// Every activation, with and without a residual, in float32 and in bfloat16, in place.
TEST(Kernels, FinishAddsThenActivates) {
  const auto expected = [](const Activation& a, float v) -> float {
    switch (a.kind) {
      case Activation::kNone:
        return v;
      case Activation::kRelu:
        return std::max(v, 0.0f);
      case Activation::kLeakyRelu:
        return v < 0 ? a.alpha * v : v;
      case Activation::kClip:
        return std::clamp(v, a.alpha, a.beta);
      case Activation::kSigmoid:
        return 1 / (1 + std::exp(-v));
      case Activation::kTanh:
        return std::tanh(v);
      case Activation::kElu:
        return v < 0 ? a.alpha * (std::exp(v) - 1) : v;
      case Activation::kHardSigmoid:
        return std::clamp(a.alpha * v + a.beta, 0.0f, 1.0f);
      case Activation::kHardSwish:
        return v * std::clamp(v / 6 + 0.5f, 0.0f, 1.0f);
      case Activation::kSwish:
        return v / (1 + std::exp(-a.alpha * v));
      case Activation::kGelu:
        return v / 2 * (1 + std::erf(v / std::sqrt(2.0f)));
      case Activation::kGeluTanh:
        return v / 2 * (1 + std::tanh(0.79788456f * (v + 0.044715f * v * v * v)));
      case Activation::kMish:
        return v * std::tanh(std::log1p(std::exp(v)));
      case Activation::kSoftplus:
        return std::log1p(std::exp(v));
      case Activation::kErf:
        return std::erf(v);
      case Activation::kExp:
        return std::exp(v);
      case Activation::kAbs:
        return std::abs(v);
      case Activation::kSquare:
        return v * v;
      case Activation::kSin:
        return std::sin(v);
      case Activation::kCos:
        return std::cos(v);
      default:  // Not defined for all numbers.
        return kInfinity;
    }
  };
  const std::vector<Activation> activations = {
      {},
      {Activation::kRelu},
      {Activation::kLeakyRelu, 0.1f},
      {Activation::kClip, -0.5f, 0.75f},
      {Activation::kSigmoid},
      {Activation::kTanh},
      {Activation::kElu, 0.5f},
      {Activation::kHardSigmoid, 0.3f, 0.4f},
      {Activation::kHardSwish},
      {Activation::kSwish, 1.5f},
      {Activation::kGelu},
      {Activation::kGeluTanh},
      {Activation::kMish},
      {Activation::kSoftplus},
      {Activation::kErf},
      {Activation::kExp},
      {Activation::kAbs},
      {Activation::kSquare},
      {Activation::kSin},
      {Activation::kCos},
  };
  for_every_target([&] {
    std::mt19937 random(8);
    for (const Activation& activation : activations) {
      for (const std::int64_t count : {1, 7, 1024, 2500}) {
        const Matrix x(1, count, count, random), residual(1, count, count, random);
        for (const bool added : {false, true}) {
          Matrix y(1, count, count);
          std::copy_n(x.floats.begin(), count, y.floats.begin());
          finish(activation, added ? residual.floats.data() : nullptr, y.floats.data(), count);
          expect_rows(
              y,
              [&](std::int64_t, std::int64_t c) {
                return expected(activation, x.at(0, c) + (added ? residual.at(0, c) : 0.0f));
              },
              1e-6f);

          std::vector<std::uint16_t> sum, plus;
          for (std::int64_t c = 0; c < count; ++c) {
            sum.push_back(float_to_bfloat16(x.at(0, c)));
            plus.push_back(float_to_bfloat16(residual.at(0, c)));
          }
          const std::vector<std::uint16_t> before = sum;
          finish(activation, added ? plus.data() : nullptr, sum.data(), count);
          for (std::size_t c = 0; c < sum.size(); ++c) {
            const float v = bfloat16_to_float(before[c]) + (added ? bfloat16_to_float(plus[c]) : 0.0f);
            const float right = expected(activation, v);
            ASSERT_NEAR(bfloat16_to_float(sum[c]), right, 0.01f * std::max(1.0f, std::abs(right))) << c;
          }
        }
      }
    }
  });
}

// Exact, including ties and both zeros.
TEST(Kernels, RoundsAndComparesWithZero) {
  const std::vector<float> x = {-2.5f, -1.5f, -0.75f, -0.5f, -0.25f, -0.0f,  0.0f,    0.25f,      0.5f, 0.75f,
                                1.5f,  2.5f,  3.5f,   -7.0f, 9.0f,   1e-30f, -1e-30f, 8388609.0f, 1e10f};
  const auto count = static_cast<std::int64_t>(x.size());
  const std::vector<std::pair<Activation::Kind, float (*)(float)>> functions = {
      {Activation::kFloor, [](float v) { return std::floor(v); }},
      {Activation::kCeil, [](float v) { return std::ceil(v); }},
      {Activation::kRound, [](float v) { return std::nearbyint(v); }},
      {Activation::kSign, [](float v) { return static_cast<float>((v > 0) - (v < 0)); }},
      {Activation::kNot, [](float v) { return v == 0 ? 1.0f : 0.0f; }},
  };
  for_every_target([&] {
    for (const auto& [kind, function] : functions) {
      std::vector<float> y(x.size());
      activate_rows({kind}, {x.data(), count}, {y.data(), count}, {1, count});
      for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(y[i], function(x[i])) << kind << " of " << x[i];
    }
  });
}

// 2x2 windows over 2 images of 3x4 pixels, stride 1: largest and mean.
TEST(Kernels, PoolsAnyNumberOfChannels) {
  for_every_target([] {
    std::mt19937 random(3);
    for (const std::int64_t channels : {1, 7, 16, 37}) {
      const Matrix x(24, channels, channels + 1, random);
      for (const Pool::Kind kind : {Pool::kMax, Pool::kAverage}) {
        const Pool pool{kind, {{2, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {2, 3}}, false};
        Matrix y(12, channels, channels + 4);
        pool_rows(pool, x.source(), 2, 3, 4, y.target(), channels, {-kInfinity, kInfinity});
        expect_rows(
            y,
            [&](std::int64_t p, std::int64_t c) {
              const std::int64_t corner = p / 6 * 12 + p % 6 / 3 * 4 + p % 3;
              const float a = x.at(corner, c), b = x.at(corner + 1, c), d = x.at(corner + 4, c),
                          e = x.at(corner + 5, c);
              return kind == Pool::kMax ? std::max({a, b, d, e}) : (a + b + d + e) / 4;
            },
            1e-6f);
      }
    }
  });
}

TEST(Kernels, Bfloat16RoundsToNearestEven) {
  EXPECT_EQ(float_to_bfloat16(1.0f), 0x3f80);
  EXPECT_EQ(float_to_bfloat16(1.00390625f), 0x3f80) << "1 + 2^-8 is a tie, and the even neighbour is below";
  EXPECT_EQ(float_to_bfloat16(1.01171875f), 0x3f82) << "1 + 3 * 2^-8 is a tie, and the even neighbour is above";
  EXPECT_EQ(float_to_bfloat16(-2.0f), 0xc000);
  const float nan = std::bit_cast<float>(0xffffffffu);  // Rounding up would carry through all its bits.
  EXPECT_TRUE(std::isnan(bfloat16_to_float(float_to_bfloat16(nan))));
  for_every_target([nan] {
    std::mt19937 random(5);
    for (const std::int64_t channels : {1, 5, 16, 17, 40}) {
      const std::int64_t rows = 3;
      Matrix x(rows, channels, channels + 2, random);
      x.floats[0] = nan;
      std::vector<std::uint16_t> bits(static_cast<std::size_t>(rows * channels));
      to_bf16_rows(x.source(), bits.data(), {rows, channels});
      Matrix back(rows, channels, channels + 3);
      from_bf16_rows(bits.data(), back.target(), {rows, channels});
      for (std::int64_t p = 0; p < rows; ++p) {
        for (std::int64_t c = 0; c < channels; ++c) {
          const std::uint16_t expected = float_to_bfloat16(x.at(p, c));
          ASSERT_EQ(bits[static_cast<std::size_t>(p * channels + c)], expected);
          if (p + c > 0) {
            ASSERT_EQ(back.at(p, c), bfloat16_to_float(expected));
          } else {
            ASSERT_TRUE(std::isnan(back.at(p, c)));
          }
        }
      }
      back.expect_nothing_else_touched();
    }
  });
}

// The maximum of rounded values is the rounded maximum; a mean is rounded once.
TEST(Kernels, PoolsBfloat16) {
  for_every_target([] {
    std::mt19937 random(6);
    const std::int64_t channels = 32;
    Matrix x(24, channels, channels, random);
    std::vector<std::uint16_t> bits(static_cast<std::size_t>(24 * channels));
    to_bf16_rows(x.source(), bits.data(), {24, channels});
    from_bf16_rows(bits.data(), x.target(), {24, channels});
    for (const Pool::Kind kind : {Pool::kMax, Pool::kAverage}) {
      const Pool pool{kind, {{2, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {2, 3}}, false};
      const Clamp clamp{0.0f, kInfinity};
      Matrix expected(12, channels, channels), floats(12, channels, channels);
      pool_rows(pool, x.source(), 2, 3, 4, expected.target(), channels, clamp);
      std::vector<std::uint16_t> rounded(static_cast<std::size_t>(12 * channels));
      pool_rows_bf16(pool, bits.data(), 2, 3, 4, rounded.data(), true, channels, clamp);
      pool_rows_bf16(pool, bits.data(), 2, 3, 4, floats.floats.data(), false, channels, clamp);
      for (std::int64_t i = 0; i < 12 * channels; ++i) {
        const auto at = static_cast<std::size_t>(i);
        ASSERT_NEAR(floats.floats[at], expected.floats[at], 1e-6f);
        ASSERT_EQ(rounded[at], float_to_bfloat16(floats.floats[at]));
      }
    }
  });
}

// More channels than one chunk of the kernel.
TEST(Kernels, LrnOfManyChannels) {
  for_every_target([] {
    std::mt19937 random(4);
    for (const std::int64_t channels : {1, 5, 256, 259, 600}) {
      for (const float beta : {0.75f, 0.5f}) {
        const Matrix x(2, channels, channels + 1, random);
        Matrix y(2, channels, channels + 2);
        lrn_rows({5, 2.0f, beta, 1.5f}, x.source(), y.target(), {2, channels}, {-kInfinity, kInfinity});
        expect_rows(
            y,
            [&](std::int64_t p, std::int64_t c) {
              float squares = 0.0f;
              for (std::int64_t k = std::max<std::int64_t>(0, c - 2); k <= std::min(channels - 1, c + 2); ++k) {
                squares += x.at(p, k) * x.at(p, k);
              }
              return x.at(p, c) * std::pow(1.5f + 2.0f / 5 * squares, -beta);
            },
            1e-5f);
      }
    }
  });
}

}  // namespace
}  // namespace einet::exec
