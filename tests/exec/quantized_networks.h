#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace einet::exec {

/// A random multi-exit network with quantised weights and values, as files with QuantizeLinear and DequantizeLinear
/// give. All scales are powers of two and all sums are below 2^24 steps, so that every computation in float or in
/// integers is exact, whatever its order.
graph::Graph random_quantized_network(std::uint64_t seed);

/// input -> FakeQuantize -> Conv or Gemm with quantised weights -> activation -> FakeQuantize, with any scales. The
/// only exit is in steps of `step`.
graph::Graph random_quantized_layer(std::uint64_t seed, float& step);

}  // namespace einet::exec
