#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "graph/tensor.h"

namespace einet::graph {

struct Node;

/// The values that a quantised tensor may have: (q - zero) * scale for every integer q from `low` to `high`.
struct Grid {
  float scale = 1.0f;
  std::int32_t zero = 0;
  std::int32_t low = 0;
  std::int32_t high = 255;

  /// Whether the integers are uint8 or int8.
  bool is_byte() const { return high - low == 255; }
  bool operator==(const Grid&) const = default;
};

/// The grid of a FakeQuantize node: its attributes "scale", "zero_point", "low" and "high". Throws kInvalidData, naming
/// the node, unless the scale is positive, the range that of int8, uint8, int16 or uint16, and the zero point in it.
Grid grid_of(const Node& node);

/// A FakeQuantize node, which rounds its input to the nearest value of `grid`: QuantizeLinear and DequantizeLinear of
/// files. Both its name and its output are `name`.
Node fake_quantize(std::string name, std::string input, const Grid& grid);

/// The element of `grid` for x, by ONNX's definition: saturate(round(x / scale) + zero), ties to even.
std::int32_t quantized(float x, const Grid& grid);
inline float dequantized(std::int32_t q, const Grid& grid) { return static_cast<float>(q - grid.zero) * grid.scale; }

/// How files store a constant of floats: as signed integers, with the zero point 0. Value = integer * scale.
struct QuantizedConstant {
  std::vector<float> scales;  ///< One, or one for each position along `axis`.
  std::int64_t axis = 0;
  int bits = 8;  ///< 8 or 32.

  bool operator==(const QuantizedConstant&) const = default;
};

/// The integers of `tensor`; empty unless every value is exactly one of them times its scale, which is no longer so
/// after training, for example.
std::optional<std::vector<std::int32_t>> integers(const Tensor& tensor, const QuantizedConstant& by);

}  // namespace einet::graph
