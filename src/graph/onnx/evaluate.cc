#include "graph/onnx/evaluate.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/half.h"
#include "graph/axis.h"
#include "graph/faults.h"
#include "graph/onnx/quantization.h"
#include "graph/operators/broadcast.h"
#include "graph/selection.h"

namespace einet::graph {
namespace {

using onnx::TensorProto;
using Inputs = std::span<const Tensor* const>;
using Ints = std::vector<std::int64_t>;

const Tensor& input(const Node& node, Inputs inputs, std::size_t i) {
  if (i >= inputs.size() || inputs[i] == nullptr) invalid(node, "lacks its input " + std::to_string(i + 1));
  return *inputs[i];
}

// The elements of `shape`; nothing that a few bytes of a file ask for may be huge, not even one dimension beside
// another of size 0.
std::size_t checked_count(const Node& node, const Shape& shape, Inputs inputs) {
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

// For every element of `shape`, in C order, its index: the sum over the dimensions of table[d][position].
Ints indices(const Node& node, const Shape& shape, const std::vector<Ints>& tables, Inputs inputs) {
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

Tensor taken(const Tensor& from, Shape shape, const Ints& index) {
  return std::visit(
      [&](const auto& values) {
        std::decay_t<decltype(values)> result;
        result.reserve(index.size());
        for (const std::int64_t i : index) result.push_back(values[static_cast<std::size_t>(i)]);
        return Tensor(std::move(shape), std::move(result));
      },
      from.data);
}

Tensor reshaped(const Tensor& tensor, Shape shape) {
  Tensor result = tensor;
  result.shape = std::move(shape);
  return result;
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

Tensor constant(const Node& node, Inputs) {
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
  unsupported(node, "its value is of a kind that is not supported");
}

Tensor cast(const Node& node, Inputs inputs) {
  const Tensor& tensor = input(node, inputs, 0);
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

Tensor identity(const Node& node, Inputs inputs) { return input(node, inputs, 0); }

Tensor size(const Node& node, Inputs inputs) { return Tensor({}, Ints{element_count(input(node, inputs, 0).shape)}); }

// Slice, Gather, Expand, Tile.
Tensor select(const Node& node, Inputs inputs) {
  const Tensor& data = input(node, inputs, 0);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (inputs[i] == nullptr && !node.inputs[i].empty()) input(node, inputs, i);
  }
  checked_count(node, data.shape, inputs);
  Shape shape = selected_shape(node, data.shape, inputs);
  checked_count(node, shape, inputs);
  auto [from, tables, fill] = selection(node, data.shape, inputs);
  const Ints strides = strides_of(from);
  Shape chosen;
  for (std::size_t d = 0; d < tables.size(); ++d) {
    for (std::int64_t& position : tables[d]) position *= strides[d];
    chosen.push_back(static_cast<std::int64_t>(tables[d].size()));
  }
  const Ints index = indices(node, chosen, tables, inputs);
  return taken(data, std::move(shape), index);
}

Tensor transpose(const Node& node, Inputs inputs) {
  const Tensor& data = input(node, inputs, 0);
  checked_count(node, data.shape, inputs);
  const Ints strides = strides_of(data.shape);
  Shape shape;
  std::vector<Ints> tables;
  for (const std::size_t axis : transposition(node, data.shape.size())) {
    shape.push_back(data.shape[axis]);
    Ints& table = tables.emplace_back(static_cast<std::size_t>(data.shape[axis]));
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<std::int64_t>(i) * strides[axis];
  }
  const Ints index = indices(node, shape, tables, inputs);
  return taken(data, std::move(shape), index);
}

Tensor concat(const Node& node, Inputs inputs) {
  const Tensor& first = input(node, inputs, 0);
  const std::size_t axis = counted_axis(node, node.attribute("axis", std::int64_t{0}), first.shape.size());
  Shape shape = first.shape;
  shape[axis] = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Shape part = input(node, inputs, i).shape;
    checked_count(node, part, inputs);
    if (part.size() != shape.size() || inputs[i]->is_float() != first.is_float()) invalid(node, "joins unlike values");
    shape[axis] += part[axis];
    part[axis] = first.shape[axis];
    if (part != first.shape) invalid(node, "joins unlike values");
  }
  const std::int64_t outer = element_count(Shape(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis)));
  return std::visit(
      [&](const auto& like) {
        std::decay_t<decltype(like)> result;
        for (std::int64_t o = 0; o < outer; ++o) {
          for (const Tensor* part : inputs) {
            const auto& values = std::get<std::decay_t<decltype(like)>>(part->data);
            const auto run = static_cast<std::ptrdiff_t>(values.size()) / outer;
            result.insert(result.end(), values.begin() + o * run, values.begin() + (o + 1) * run);
          }
        }
        return Tensor(shape, std::move(result));
      },
      first.data);
}

Tensor squeeze(const Node& node, Inputs inputs) {
  const Tensor& data = input(node, inputs, 0);
  return reshaped(data, squeezed_shape(node, data.shape, inputs.size() > 1 ? inputs[1] : nullptr));
}

Tensor reshape(const Node& node, Inputs inputs) {
  const Tensor& data = input(node, inputs, 0);
  Shape shape = input(node, inputs, 1).ints();
  const bool as_size = node.attribute("allowzero", std::int64_t{0}) != 0;
  std::int64_t rest = -1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && i < data.shape.size() && !as_size) shape[i] = data.shape[i];
    if (shape[i] == -1 && rest < 0) {
      rest = static_cast<std::int64_t>(i);
      shape[i] = 1;
    }
  }
  const std::int64_t have = element_count(data.shape), want = element_count(shape);
  if (rest >= 0 && want > 0) shape[static_cast<std::size_t>(rest)] = have / want;
  if (element_count(shape) != have) invalid(node, "cannot shape " + to_string(data.shape) + " as " + to_string(shape));
  return reshaped(data, std::move(shape));
}

Tensor constant_of_shape(const Node& node, Inputs inputs) {
  const Shape shape = input(node, inputs, 0).ints();
  const std::size_t count = checked_count(node, shape, inputs);
  const auto given = node.attributes.find("value");
  if (given == node.attributes.end()) return Tensor(shape, std::vector<float>(count, 0.0f));
  const auto* value = std::get_if<Tensor>(&given->second);
  if (value == nullptr || element_count(value->shape) != 1) invalid(node, "its value is no single number");
  return taken(reshaped(*value, {1}), shape, Ints(count, 0));
}

Tensor range(const Node& node, Inputs inputs) {
  Ints bounds;
  for (std::size_t i = 0; i < 3; ++i) {
    const Tensor& bound = input(node, inputs, i);
    if (bound.is_float()) unsupported(node, "only ranges of integers are supported");
    if (bound.ints().size() != 1) invalid(node, "its bounds are no single numbers");
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

// `from` as if it had the shape `to`.
Tensor spread(const Node& node, const Tensor& from, const Shape& to, Inputs inputs) {
  checked_count(node, to, inputs);
  Shape padded(to.size() - from.shape.size(), 1);
  padded.insert(padded.end(), from.shape.begin(), from.shape.end());
  const Ints strides = strides_of(padded);
  std::vector<Ints> tables;
  for (std::size_t d = 0; d < to.size(); ++d) {
    Ints& table = tables.emplace_back(static_cast<std::size_t>(to[d]), 0);
    for (std::size_t i = 0; i < table.size() && padded[d] != 1; ++i)
      table[i] = static_cast<std::int64_t>(i) * strides[d];
  }
  return taken(from, to, indices(node, to, tables, inputs));
}

Shape common_shape(const Node& node, const Shape& a, const Shape& b) {
  const auto shape = broadcast(a, b);
  if (!shape) invalid(node, "shapes " + to_string(a) + " and " + to_string(b) + " do not fit");
  return *shape;
}

template <class Combine>
Tensor combined(const Node& node, Inputs inputs, Combine combine) {
  const Tensor &a = input(node, inputs, 0), &b = input(node, inputs, 1);
  if (a.is_float() != b.is_float()) invalid(node, "mixes floats and integers");
  const Shape shape = common_shape(node, a.shape, b.shape);
  Tensor left = spread(node, a, shape, inputs);
  const Tensor right = spread(node, b, shape, inputs);
  std::visit(
      [&](auto& values) {
        const auto& others = std::get<std::decay_t<decltype(values)>>(right.data);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = combine(values[i], others[i]);
      },
      left.data);
  return left;
}

// Integers wrap around, as in NumPy.
template <class Floats, class Unsigned>
auto wrapping(Floats floats, Unsigned integers) {
  return [=](auto a, auto b) {
    if constexpr (std::is_same_v<decltype(a), float>) {
      return floats(a, b);
    } else {
      return static_cast<std::int64_t>(integers(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
    }
  };
}

Tensor add(const Node& node, Inputs inputs) { return combined(node, inputs, wrapping(std::plus<>(), std::plus<>())); }
Tensor subtract(const Node& node, Inputs inputs) {
  return combined(node, inputs, wrapping(std::minus<>(), std::minus<>()));
}
Tensor multiply(const Node& node, Inputs inputs) {
  return combined(node, inputs, wrapping(std::multiplies<>(), std::multiplies<>()));
}
Tensor divide(const Node& node, Inputs inputs) {
  return combined(node, inputs, [&](auto a, auto b) {
    if constexpr (std::is_same_v<decltype(a), float>) {
      return a / b;
    } else {
      if (b == 0) invalid(node, "divides by 0");
      return b == -1 ? static_cast<std::int64_t>(-static_cast<std::uint64_t>(a)) : a / b;
    }
  });
}

Tensor where(const Node& node, Inputs inputs) {
  const Tensor &condition = input(node, inputs, 0), &yes = input(node, inputs, 1), &no = input(node, inputs, 2);
  if (yes.is_float() != no.is_float() || condition.is_float()) invalid(node, "mixes floats and integers");
  const Shape shape = common_shape(node, condition.shape, common_shape(node, yes.shape, no.shape));
  const Tensor chosen = spread(node, condition, shape, inputs);
  Tensor result = spread(node, yes, shape, inputs);
  const Tensor other = spread(node, no, shape, inputs);
  std::visit(
      [&](auto& values) {
        const auto& others = std::get<std::decay_t<decltype(values)>>(other.data);
        for (std::size_t i = 0; i < values.size(); ++i) {
          if (chosen.ints()[i] == 0) values[i] = others[i];
        }
      },
      result.data);
  return result;
}

// The base decides the type of the result; an exponent may be of the other.
Tensor power(const Node& node, Inputs inputs) {
  const Tensor &base = input(node, inputs, 0), &exponent = input(node, inputs, 1);
  const Tensor left(base.shape, to_floats(base)), right(exponent.shape, to_floats(exponent));
  Tensor result = combined(node, std::array{&left, &right},
                           [](auto a, auto b) { return static_cast<decltype(a)>(std::pow(a, b)); });
  return base.is_float() ? result : Tensor(result.shape, to_ints(node, result));
}

// Of any number of inputs, from left to right.
template <class Combine>
Tensor combined_all(const Node& node, Inputs inputs, Combine combine) {
  Tensor result = input(node, inputs, 0);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    result = combined(node, std::array<const Tensor*, 2>{&result, &input(node, inputs, i)}, combine);
  }
  return result;
}
Tensor largest(const Node& node, Inputs inputs) {
  return combined_all(node, inputs, [](auto a, auto b) { return std::max(a, b); });
}
Tensor smallest(const Node& node, Inputs inputs) {
  return combined_all(node, inputs, [](auto a, auto b) { return std::min(a, b); });
}
// The sign of the divisor, as in Python, unless fmod asks for that of the dividend, as in C.
Tensor modulo(const Node& node, Inputs inputs) {
  const bool as_c = node.attribute("fmod", std::int64_t{0}) != 0;
  return combined(node, inputs, [&](auto a, auto b) {
    if constexpr (std::is_same_v<decltype(a), float>) {
      const float rest = std::fmod(a, b);
      return !as_c && rest != 0.0f && (rest < 0.0f) != (b < 0.0f) ? rest + b : rest;
    } else {
      if (b == 0) invalid(node, "divides by 0");
      if (b == -1) return std::int64_t{0};
      const std::int64_t rest = a % b;
      return !as_c && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
  });
}
Tensor negated(const Node& node, Inputs inputs) {
  Tensor result = input(node, inputs, 0);
  std::visit(
      [](auto& values) {
        for (auto& value : values) {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, float>) {
            value = -value;
          } else {
            value = static_cast<std::int64_t>(-static_cast<std::uint64_t>(value));
          }
        }
      },
      result.data);
  return result;
}
Tensor inverted(const Node& node, Inputs inputs) {
  Ints values = to_ints(node, input(node, inputs, 0));
  for (std::int64_t& value : values) value = value == 0 ? 1 : 0;
  return Tensor(inputs[0]->shape, std::move(values));
}

template <class Holds>
Tensor compared(const Node& node, Inputs inputs, Holds holds) {
  const Tensor result = combined(node, inputs, [=](auto a, auto b) { return decltype(a)(holds(a, b)); });
  return Tensor(result.shape, to_ints(node, result));
}
template <template <class> class kComparison>
Tensor comparison(const Node& node, Inputs inputs) {
  return compared(node, inputs, [](auto a, auto b) { return kComparison<decltype(a)>()(a, b); });
}
Tensor both(const Node& node, Inputs inputs) {
  return compared(node, inputs, [](auto a, auto b) { return a != 0 && b != 0; });
}
Tensor either(const Node& node, Inputs inputs) {
  return compared(node, inputs, [](auto a, auto b) { return a != 0 || b != 0; });
}
Tensor one_of(const Node& node, Inputs inputs) {
  return compared(node, inputs, [](auto a, auto b) { return (a != 0) != (b != 0); });
}

// Slices of a copy of the data, at positions that the last dimension of the indices gives, are replaced by updates.
Tensor scatter_nd(const Node& node, Inputs inputs) {
  const Tensor &data = input(node, inputs, 0), &where = input(node, inputs, 1), &updates = input(node, inputs, 2);
  if (node.attribute("reduction", "none") != "none") unsupported(node, "its reduction is not supported");
  if (where.is_float() || where.shape.empty() || data.is_float() != updates.is_float())
    invalid(node, "has wrong types");
  const auto depth = static_cast<std::size_t>(where.shape.back());
  if (where.shape.back() < 0 || depth > data.shape.size()) invalid(node, "has indices of too many dimensions");
  const std::int64_t run =
      element_count(Shape(data.shape.begin() + static_cast<std::ptrdiff_t>(depth), data.shape.end()));
  const std::int64_t count = element_count(Shape(where.shape.begin(), where.shape.end() - 1));
  if (element_count(updates.shape) != count * run) invalid(node, "has updates that do not fit its indices");
  const Ints strides = strides_of(data.shape);
  Tensor result = data;
  std::visit(
      [&](auto& values) {
        const auto& from = std::get<std::decay_t<decltype(values)>>(updates.data);
        for (std::int64_t i = 0; i < count; ++i) {
          std::int64_t at = 0;
          for (std::size_t d = 0; d < depth; ++d) {
            std::int64_t position = where.ints()[static_cast<std::size_t>(i) * depth + d];
            if (position < 0) position += data.shape[d];
            if (position < 0 || position >= data.shape[d]) invalid(node, "has an index outside of the data");
            at += position * strides[d];
          }
          std::copy_n(from.begin() + i * run, run, values.begin() + at);
        }
      },
      result.data);
  return result;
}

template <float (*kFunction)(float)>
Tensor rounded(const Node& node, Inputs inputs) {
  Tensor result = input(node, inputs, 0);
  for (float& value : result.floats()) value = kFunction(value);
  return result;
}

const std::unordered_map<std::string_view, Tensor (*)(const Node&, Inputs)>& evaluators() {
  static const std::unordered_map<std::string_view, Tensor (*)(const Node&, Inputs)> all = {
      {"Add", add},
      {"Cast", cast},
      {"Ceil", rounded<std::ceil>},
      {"Concat", concat},
      {"Constant", constant},
      {"ConstantOfShape", constant_of_shape},
      {"Div", divide},
      {"DequantizeLinear", dequantized},
      {"QuantizeLinear", quantized},
      {"Equal", comparison<std::equal_to>},
      {"Greater", comparison<std::greater>},
      {"GreaterOrEqual", comparison<std::greater_equal>},
      {"Less", comparison<std::less>},
      {"LessOrEqual", comparison<std::less_equal>},
      {"And", both},
      {"Or", either},
      {"Xor", one_of},
      {"Expand", select},
      {"Floor", rounded<std::floor>},
      {"Gather", select},
      {"Identity", identity},
      {"Max", largest},
      {"Min", smallest},
      {"Mod", modulo},
      {"Mul", multiply},
      {"Neg", negated},
      {"Not", inverted},
      {"Pow", power},
      {"Round", rounded<std::nearbyint>},
      {"Sin", rounded<std::sin>},
      {"Cos", rounded<std::cos>},
      {"Sqrt", rounded<std::sqrt>},
      {"Exp", rounded<std::exp>},
      {"Log", rounded<std::log>},
      {"Erf", rounded<std::erf>},
      {"Range", range},
      {"Reshape", reshape},
      {"ScatterND", scatter_nd},
      {"Size", size},
      {"Slice", select},
      {"Squeeze", squeeze},
      {"Sub", subtract},
      {"Transpose", transpose},
      {"Unsqueeze", squeeze},
      {"Tile", select},
      {"Where", where},
  };
  return all;
}

}  // namespace

bool is_gone_after_loading(std::string_view op) {
  static const std::unordered_set<std::string_view> operators = {
      "Cast",  "Constant", "ConstantOfShape", "DepthToSpace", "Einsum", "If",      "Mean",      "Range",    "ScatterND",
      "Shape", "Size",     "SpaceToDepth",    "Split",        "Sum",    "Squeeze", "Unsqueeze", "Upsample", "Where"};
  return operators.contains(op);
}

std::optional<Tensor> evaluate(const Node& node, std::span<const Tensor* const> inputs) {
  const auto found = evaluators().find(node.op);
  if (found == evaluators().end() || node.outputs.size() != 1) return std::nullopt;
  return found->second(node, inputs);
}

Tensor evaluate_shape(const Node& node, const Shape& x) {
  const auto rank = static_cast<std::int64_t>(x.size());
  const auto bound = [&](const char* key, std::int64_t otherwise) {
    const std::int64_t given = node.attribute(key, otherwise);
    return std::clamp<std::int64_t>(given < 0 ? given + rank : given, 0, rank);
  };
  const std::int64_t start = bound("start", 0), end = std::max(start, bound("end", rank));
  return Tensor({end - start}, Ints(x.begin() + start, x.begin() + end));
}

Shape squeezed_shape(const Node& node, const Shape& x, const Tensor* axes) {
  Ints given = axes != nullptr ? axes->ints() : node.attribute("axes", Ints{});
  const bool grows = node.op == "Unsqueeze";
  const std::size_t rank = x.size() + (grows ? given.size() : 0);
  if (!grows && given.empty()) {
    for (std::size_t d = 0; d < x.size(); ++d) {
      if (x[d] == 1) given.push_back(static_cast<std::int64_t>(d));
    }
  }
  std::vector<char> named(rank, 0);
  for (const std::int64_t axis : given) {
    const std::size_t at = counted_axis(node, axis, rank);
    if (std::exchange(named[at], 1) != 0) invalid(node, "names the axis " + std::to_string(axis) + " twice");
    if (!grows && x[at] != 1) invalid(node, "cannot remove dimension " + std::to_string(at) + " of " + to_string(x));
  }
  Shape result;
  std::size_t next = 0;
  for (std::size_t d = 0; d < rank; ++d) {
    if (grows) {
      result.push_back(named[d] != 0 ? 1 : x[next++]);
    } else if (named[d] == 0) {
      result.push_back(x[d]);
    }
  }
  return result;
}

}  // namespace einet::graph
