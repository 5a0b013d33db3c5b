#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace einet::graph {

/// Sizes, outermost first. -1 stands for the batch size, and only as the first dimension of a graph input.
using Shape = std::vector<std::int64_t>;

/// Product of the dimensions. Throws kInvalidData on a negative dimension or overflow.
std::int64_t element_count(const Shape& shape);

/// "[1,3,32,32]"; -1 prints as "N".
std::string to_string(const Shape& shape);

/// A constant in C order: weights (float) or shapes and indices (int64). Other ONNX element types are
/// converted to these two on load (float16, bfloat16, double -> float; integers, bool -> int64).
struct Tensor {
  Shape shape;
  std::variant<std::vector<float>, std::vector<std::int64_t>> data;

  Tensor() = default;
  /// Throw kInvalidData unless `values` has element_count(shape) elements.
  Tensor(Shape shape, std::vector<float> values);
  Tensor(Shape shape, std::vector<std::int64_t> values);

  bool is_float() const { return data.index() == 0; }
  /// Throw kInvalidData if the tensor has the other type.
  const std::vector<float>& floats() const;
  std::vector<float>& floats();
  const std::vector<std::int64_t>& ints() const;
};

}  // namespace einet::graph
