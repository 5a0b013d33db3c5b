// Quantised networks on bytes, compared with the reference executor and, for the arithmetic, with plain loops.

#include "exec/kernels/int8.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "exec/onednn/int8.h"
#include "exec/onednn/requantization.h"
#include "exec/quantized_networks.h"
#include "exec/runs.h"
#include "exec/targets.h"

namespace einet::exec {
namespace {

constexpr Choice kBytes{Form::kInt8, Algorithm::kDirect};

std::size_t steps_on_bytes(const Program& program) {
  const auto lines = program.implementations();
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [](const std::string& line) { return line.find("vnni") != std::string::npos; }));
}

TEST(Int8, NetworksOfExactScalesEqualTheReference) {
  std::size_t on_bytes = 0;
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const graph::Graph graph = random_quantized_network(seed);
    for (const std::int64_t batch : {1, 3}) {
      const auto reference = compile_reference(graph, {.batch = batch});
      const auto input = random_input(*reference, seed);
      const Outputs expected = run(*reference, input);
      const auto untuned = compile(graph, {.batch = batch});
      EXPECT_EQ(run(*untuned, input), expected) << "default";
      const auto bytes = compile(graph, {.batch = batch, .tuning = wherever_possible(graph, kBytes)});
      EXPECT_EQ(run(*bytes, input), expected) << "bytes";
      const auto floats = compile(graph, {.batch = batch, .tuning = wherever_possible(graph, Choice{})});
      EXPECT_EQ(run(*floats, input), expected) << "floats";
      EXPECT_EQ(steps_on_bytes(*floats), 0u);
      on_bytes += steps_on_bytes(*bytes);
      if (::testing::Test::HasFailure()) return;
    }
  }
  EXPECT_EQ(on_bytes > 0, has_int8());
}

TEST(Int8, SkippedBranchesChangeNothing) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const graph::Graph graph = random_quantized_network(seed);
    const auto program = compile(graph, {.tuning = wherever_possible(graph, kBytes)});
    const auto input = random_input(*program, seed);
    const Outputs all = run(*program, input);
    const auto execution = program->new_execution();
    for (std::uint64_t plan = 0; plan < 4; ++plan) {
      const auto planned = random_plan(*program, 100 * seed + plan);
      const Outputs some = run(*program, *execution, input, planned);
      for (std::size_t i = 0; i < planned.size(); ++i) {
        if (planned[i]) {
          EXPECT_EQ(some[i], all[i]);
        }
      }
    }
  }
}

// A result near the border of two steps may be rounded to the other one.
TEST(Int8, LayersDifferByAtMostOneStep) {
  std::int64_t different = 0, all = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    float step = 1.0f;
    const graph::Graph graph = random_quantized_layer(seed, step);
    const auto reference = compile_reference(graph);
    const auto program = compile(graph, {.tuning = wherever_possible(graph, kBytes)});
    const auto input = random_input(*reference, seed);
    const Outputs expected = run(*reference, input), actual = run(*program, input);
    for (std::size_t i = 0; i < expected[0].size(); ++i) {
      const float difference = std::abs(expected[0][i] - actual[0][i]) / step;
      ASSERT_LT(difference, 1.01f);
      different += difference > 0.5f ? 1 : 0;
      ++all;
    }
  }
  EXPECT_LT(static_cast<double>(different), 1e-3 * static_cast<double>(all));
}

// Evaluates the post-ops as the library does, for integer sums.
float evaluated(const Requantization& by, std::size_t m, float sum, float residual) {
  float y = (sum + by.bias[m]) * by.scales[m];
  for (const Int8PostOp& post_op : by.post_ops) {
    if (std::holds_alternative<AddResidual>(post_op)) y += residual;
    if (const auto* linear = std::get_if<Linearly>(&post_op)) y = linear->factor * y + linear->shift;
    if (const auto* clip = std::get_if<Clipped>(&post_op)) y = std::clamp(y, clip->low, clip->high);
    if (const auto* activation = std::get_if<Activation>(&post_op)) {
      EXPECT_EQ(activation->kind, Activation::kLeakyRelu);
      if (y < 0) y *= activation->alpha;
    }
  }
  return y;
}

TEST(Requantization, EqualsTheDefinition) {
  std::mt19937 random(1);
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int i = 0; i < 20000; ++i) {
    const auto grid = [&] {
      const int low = pick(0, 1) * -128;
      return graph::Grid{std::ldexp(1.0f, pick(-6, 2)), pick(low, low + 255), low, low + 255};
    };
    Int8Layer layer{.input = grid(), .weight_scales = {std::ldexp(1.0f, pick(-6, 0))}};
    layer.bias = {static_cast<float>(pick(-400, 400)) / 8.0f};
    layer.has_residual = pick(0, 1) == 1;
    if (pick(0, 1) == 1) layer.residual = grid();
    if (pick(0, 1) == 1) {
      layer.output = grid();
      layer.output->zero -= layer.output->zero % 2;
    }
    const Activation activations[] = {
        {Activation::kNone}, {Activation::kRelu}, {Activation::kClip, -1.5f, 6.0f}, {Activation::kLeakyRelu, 0.25f}};
    layer.activation = activations[pick(0, 3)];
    const Requantization by = requantization(layer);

    const auto sum = static_cast<float>(pick(-20000, 20000));
    const int stored = layer.residual ? pick(layer.residual->low, layer.residual->high) : 0;
    const float added =
        layer.residual ? graph::dequantized(stored, *layer.residual) : static_cast<float>(pick(-99, 99)) / 8.0f;
    float real = sum * layer.input.scale * layer.weight_scales[0] + layer.bias[0];
    if (layer.has_residual) real += added;
    if (layer.activation.kind == Activation::kLeakyRelu && real < 0) real *= 0.25f;
    if (layer.activation.is_clamp()) real = std::clamp(real, layer.activation.low(), layer.activation.high());

    float y = evaluated(by, 0, sum, layer.residual ? static_cast<float>(stored) : added);
    if (layer.output) {
      y = std::clamp(std::nearbyint(y), static_cast<float>(layer.output->low), static_cast<float>(layer.output->high));
      ASSERT_EQ(y, static_cast<float>(graph::quantized(real, *layer.output)));
    } else {
      ASSERT_EQ(y, real);
    }
  }
}

TEST(Requantization, ReluNeedsNoPostOpIfTheZeroPointIsTheLowestByte) {
  const Int8Layer layer{.input = {},
                        .weight_scales = {0.5f},
                        .bias = {1.0f},
                        .activation = {Activation::kRelu},
                        .output = graph::Grid{.scale = 0.3f}};
  EXPECT_TRUE(requantization(layer).post_ops.empty());
}

class Int8Kernels : public ::testing::Test {
 protected:
  float uniform(float low, float high) { return std::uniform_real_distribution<float>(low, high)(random_); }
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  graph::Grid grid() {
    const auto low = static_cast<std::int32_t>(pick(0, 1) * -128);
    return {pick(0, 1) == 0 ? 0.125f : uniform(0.01f, 0.4f), static_cast<std::int32_t>(pick(low, low + 255)), low,
            low + 255};
  }
  std::mt19937 random_{7};
};

TEST_F(Int8Kernels, RoundAndConvert) {
  for_every_target([&] {
    for (int i = 0; i < 300; ++i) {
      const Extent e{pick(1, 5), pick(1, 70)};
      const std::int64_t stride = e.channels + pick(0, 9);
      const auto size = static_cast<std::size_t>(e.pixels * stride + kPanel);
      const graph::Grid g = grid();
      std::vector<float> x(size);
      for (float& value : x) {  // Some exactly between two steps.
        value = pick(0, 3) == 0 ? (static_cast<float>(pick(-300, 300)) + 0.5f) * g.scale : uniform(-40.0f, 40.0f);
      }
      std::vector<float> rounded(size, -1.0f), back(size, -1.0f);
      std::vector<std::uint8_t> bytes(static_cast<std::size_t>(e.pixels * e.channels) + 1, 77);
      round_rows({x.data(), stride}, {rounded.data(), stride}, e, g);
      quantize_rows({x.data(), stride}, bytes.data(), e, g);
      dequantize_rows(bytes.data(), {back.data(), stride}, e, g);
      for (std::int64_t p = 0; p < e.pixels; ++p) {
        for (std::int64_t c = 0; c < stride && p * stride + c < static_cast<std::int64_t>(size); ++c) {
          const auto at = static_cast<std::size_t>(p * stride + c);
          if (c >= e.channels) {
            ASSERT_EQ(rounded[at], -1.0f);
            ASSERT_EQ(back[at], -1.0f);
            continue;
          }
          const std::int32_t q = graph::quantized(x[at], g);
          const std::uint8_t byte = bytes[static_cast<std::size_t>(p * e.channels + c)];
          ASSERT_EQ(g.low < 0 ? static_cast<std::int8_t>(byte) : byte, q);
          ASSERT_EQ(rounded[at], graph::dequantized(q, g));
          ASSERT_EQ(back[at], graph::dequantized(q, g));
        }
      }
      ASSERT_EQ(bytes.back(), 77);
    }
  });
}

TEST_F(Int8Kernels, MaxPool) {
  for_every_target([&] {
    for (int i = 0; i < 200; ++i) {
      const std::int64_t h = pick(3, 8), w = pick(3, 8), c = pick(1, 80), kh = pick(1, 3), kw = pick(1, 3);
      const std::int64_t top = pick(0, kh - 1), left = pick(0, kw - 1), stride = pick(1, 2);
      Pool pool;
      pool.window = {{kh, kw},    {stride, stride}, {1, 1},
                     {top, left}, {0, 0},           {(h + top - kh) / stride + 1, (w + left - kw) / stride + 1}};
      std::vector<std::uint8_t> x(static_cast<std::size_t>(2 * h * w * c));
      for (auto& byte : x) byte = static_cast<std::uint8_t>(pick(0, 255));
      const auto& out = pool.window.output;
      for (const bool is_signed : {false, true}) {
        const auto value = [&](std::uint8_t byte) { return is_signed ? static_cast<std::int8_t>(byte) : int{byte}; };
        std::vector<std::uint8_t> y(static_cast<std::size_t>(2 * out[0] * out[1] * c));
        max_pool_bytes(pool, x.data(), 2, h, w, y.data(), c, is_signed);
        for (std::int64_t at = 0; at < static_cast<std::int64_t>(y.size()); ++at) {
          const std::int64_t channel = at % c, col = at / c % out[1], row = at / c / out[1] % out[0];
          const std::int64_t image = at / c / out[1] / out[0];
          int most = -1000;
          for (std::int64_t p = 0; p < kh; ++p) {
            for (std::int64_t q = 0; q < kw; ++q) {
              const std::int64_t r = row * stride - top + p, s = col * stride - left + q;
              if (r < 0 || r >= h || s < 0 || s >= w) continue;
              most = std::max(most, value(x[static_cast<std::size_t>(((image * h + r) * w + s) * c + channel)]));
            }
          }
          ASSERT_EQ(value(y[static_cast<std::size_t>(at)]), most);
        }
      }
    }
  });
}

}  // namespace
}  // namespace einet::exec
