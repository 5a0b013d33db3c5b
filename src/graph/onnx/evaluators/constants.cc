// Operators that create constants or convert numbers to another type.

#include <onnx/onnx_pb.h>

#include <utility>
#include <variant>

#include "core/half.h"
#include "graph/faults.h"
#include "graph/onnx/evaluators/evaluator.h"
#include "graph/onnx/quantization.h"

namespace einet::graph {
namespace {

using onnx::TensorProto;
using Ints = std::vector<std::int64_t>;

Tensor constant(const Node& node, EvaluatorInputs) {
  if (node.attributes.size() == 1) {
    const auto& [key, value] = *node.attributes.begin();
    if (const auto* tensor = std::get_if<Tensor>(&value); tensor && key == "value") return *tensor;
    if (const auto* number = std::get_if<float>(&value); number && key == "value_float") {
      return Tensor({}, std::vector<float>{*number});
    }
    if (const auto* number = std::get_if<std::int64_t>(&value); number && key == "value_int") {
      return Tensor({}, Ints{*number});
    }
    if (const auto* list = std::get_if<std::vector<float>>(&value); list && key == "value_floats") {
      return Tensor({static_cast<std::int64_t>(list->size())}, *list);
    }
    if (const auto* list = std::get_if<Ints>(&value); list && key == "value_ints") {
      return Tensor({static_cast<std::int64_t>(list->size())}, *list);
    }
  }
  unsupported(node, "its kind of value is not supported");
}

Tensor cast(const Node& node, EvaluatorInputs inputs) {
  const Tensor& tensor = needed_input(node, inputs, 0);
  switch (node.attribute("to", std::int64_t{0})) {
    case TensorProto::FLOAT:
    case TensorProto::DOUBLE:
    case TensorProto::BFLOAT16:
      return Tensor(tensor.shape, to_floats(tensor));
    case TensorProto::FLOAT16: {
      std::vector<float> values = to_floats(tensor);
      for (float& value : values) value = half_to_float(float_to_half(value));
      return Tensor(tensor.shape, std::move(values));
    }
    case TensorProto::INT64:
    case TensorProto::INT32:
      return Tensor(tensor.shape, to_ints(node, tensor));
    case TensorProto::BOOL: {
      Ints values;
      for (const float value : to_floats(tensor)) values.push_back(value != 0.0f);
      return Tensor(tensor.shape, std::move(values));
    }
    default:
      unsupported(node, "casts to a type that is not supported");
  }
}

Tensor size(const Node& node, EvaluatorInputs inputs) {
  return Tensor({}, Ints{element_count(needed_input(node, inputs, 0).shape)});
}

Tensor constant_of_shape(const Node& node, EvaluatorInputs inputs) {
  const Shape shape = needed_input(node, inputs, 0).ints();
  const std::size_t count = checked_count(node, shape, inputs);
  const auto given = node.attributes.find("value");
  if (given == node.attributes.end()) return Tensor(shape, std::vector<float>(count, 0.0f));
  const auto* value = std::get_if<Tensor>(&given->second);
  if (value == nullptr || element_count(value->shape) != 1) invalid(node, "its value is not a single number");
  return elements_at(*value, shape, Ints(count, 0));
}

Tensor range(const Node& node, EvaluatorInputs inputs) {
  Ints bounds;
  for (std::size_t i = 0; i < 3; ++i) {
    const Tensor& bound = needed_input(node, inputs, i);
    if (bound.is_float()) unsupported(node, "only ranges of integers are supported");
    if (bound.ints().size() != 1) invalid(node, "its bounds are not single numbers");
    bounds.push_back(bound.ints().front());
  }
  constexpr std::int64_t kMost = 1 << 20;
  const auto far = [](std::int64_t value) { return value > kMost || value < -kMost; };
  if (bounds[2] == 0 || far(bounds[0]) || far(bounds[1]) || far(bounds[2])) invalid(node, "has an impossible range");
  Ints values;
  for (std::int64_t at = bounds[0]; bounds[2] > 0 ? at < bounds[1] : at > bounds[1]; at += bounds[2])
    values.push_back(at);
  const auto count = static_cast<std::int64_t>(values.size());
  return Tensor({count}, std::move(values));
}

}  // namespace

const Evaluators& constant_evaluators() {
  static const Evaluators all = {
      {"Constant", constant},
      {"ConstantOfShape", constant_of_shape},
      {"Range", range},
      {"Cast", cast},
      {"Size", size},
      {"QuantizeLinear", quantized},
      {"DequantizeLinear", dequantized},
  };
  return all;
}

}  // namespace einet::graph
