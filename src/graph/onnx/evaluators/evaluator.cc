#include "graph/onnx/evaluators/evaluator.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>
#include <variant>

#include "graph/faults.h"

namespace einet::graph {

using Ints = std::vector<std::int64_t>;

const Tensor& needed_input(const Node& node, EvaluatorInputs inputs, std::size_t i) {
  if (i >= inputs.size() || inputs[i] == nullptr) invalid(node, "has no input " + std::to_string(i + 1));
  return *inputs[i];
}

std::size_t checked_count(const Node& node, const Shape& shape, EvaluatorInputs inputs) {
  std::int64_t most = std::int64_t{1} << 20;
  for (const Tensor* tensor : inputs) {
    if (tensor != nullptr) most = std::max(most, element_count(tensor->shape));
  }
  std::int64_t volume = 1;
  for (const std::int64_t size : shape) {
    if (size < 0 || size > most / volume) invalid(node, "its result " + to_string(shape) + " is empty or too large");
    volume *= std::max<std::int64_t>(size, 1);
  }
  return static_cast<std::size_t>(element_count(shape));
}

Ints strides_of(const Shape& shape) {
  Ints strides(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  return strides;
}

Ints element_indices(const Node& node, const Shape& shape, const std::vector<Ints>& tables, EvaluatorInputs inputs) {
  Ints result(checked_count(node, shape, inputs), 0);
  std::size_t inner = result.size();
  std::size_t outer = 1;
  for (std::size_t d = 0; d < shape.size() && !result.empty(); ++d) {
    const auto size = static_cast<std::size_t>(shape[d]);
    inner /= size;
    for (std::size_t o = 0, at = 0; o < outer; ++o) {
      for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t k = 0; k < inner; ++k) result[at++] += tables[d][i];
      }
    }
    outer *= size;
  }
  return result;
}

Tensor elements_at(const Tensor& from, Shape shape, const Ints& indices) {
  return std::visit(
      [&](const auto& values) {
        std::decay_t<decltype(values)> result;
        result.reserve(indices.size());
        for (const std::int64_t i : indices) result.push_back(values[static_cast<std::size_t>(i)]);
        return Tensor(std::move(shape), std::move(result));
      },
      from.data);
}

std::vector<float> to_floats(const Tensor& tensor) {
  if (tensor.is_float()) return tensor.floats();
  return std::vector<float>(tensor.ints().begin(), tensor.ints().end());
}

Ints to_ints(const Node& node, const Tensor& tensor) {
  if (!tensor.is_float()) return tensor.ints();
  Ints values;
  for (const float value : tensor.floats()) {
    if (!(std::fabs(value) < 0x1p62f)) invalid(node, "casts an infinite value");
    values.push_back(static_cast<std::int64_t>(value));
  }
  return values;
}

}  // namespace einet::graph
