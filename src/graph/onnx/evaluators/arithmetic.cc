// Operators that work element by element, with broadcasting. Truth values are integers.

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <type_traits>
#include <variant>

#include "graph/faults.h"
#include "graph/onnx/evaluators/evaluator.h"
#include "graph/operators/broadcast.h"

namespace einet::graph {
namespace {

using Ints = std::vector<std::int64_t>;

// `from` broadcast to the shape `to`.
Tensor spread(const Node& node, const Tensor& from, const Shape& to, EvaluatorInputs inputs) {
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
  return elements_at(from, to, element_indices(node, to, tables, inputs));
}

Shape common_shape(const Node& node, const Shape& a, const Shape& b) {
  const auto shape = broadcast(a, b);
  if (!shape) invalid(node, "shapes " + to_string(a) + " and " + to_string(b) + " cannot be broadcast");
  return *shape;
}

template <class Combine>
Tensor combined(const Node& node, EvaluatorInputs inputs, Combine combine) {
  const Tensor &a = needed_input(node, inputs, 0), &b = needed_input(node, inputs, 1);
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

Tensor add(const Node& node, EvaluatorInputs inputs) {
  return combined(node, inputs, wrapping(std::plus<>(), std::plus<>()));
}
Tensor subtract(const Node& node, EvaluatorInputs inputs) {
  return combined(node, inputs, wrapping(std::minus<>(), std::minus<>()));
}
Tensor multiply(const Node& node, EvaluatorInputs inputs) {
  return combined(node, inputs, wrapping(std::multiplies<>(), std::multiplies<>()));
}
Tensor divide(const Node& node, EvaluatorInputs inputs) {
  return combined(node, inputs, [&](auto a, auto b) {
    if constexpr (std::is_same_v<decltype(a), float>) {
      return a / b;
    } else {
      if (b == 0) invalid(node, "divides by 0");
      return b == -1 ? static_cast<std::int64_t>(-static_cast<std::uint64_t>(a)) : a / b;
    }
  });
}

Tensor where(const Node& node, EvaluatorInputs inputs) {
  const Tensor &condition = needed_input(node, inputs, 0), &yes = needed_input(node, inputs, 1),
               &no = needed_input(node, inputs, 2);
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

// The result has the type of the base; the exponent may have the other type.
Tensor power(const Node& node, EvaluatorInputs inputs) {
  const Tensor &base = needed_input(node, inputs, 0), &exponent = needed_input(node, inputs, 1);
  const Tensor left(base.shape, to_floats(base)), right(exponent.shape, to_floats(exponent));
  Tensor result = combined(node, std::array{&left, &right},
                           [](auto a, auto b) { return static_cast<decltype(a)>(std::pow(a, b)); });
  return base.is_float() ? result : Tensor(result.shape, to_ints(node, result));
}

// For any number of inputs, from left to right.
template <class Combine>
Tensor combined_all(const Node& node, EvaluatorInputs inputs, Combine combine) {
  Tensor result = needed_input(node, inputs, 0);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    result = combined(node, std::array<const Tensor*, 2>{&result, &needed_input(node, inputs, i)}, combine);
  }
  return result;
}
Tensor largest(const Node& node, EvaluatorInputs inputs) {
  return combined_all(node, inputs, [](auto a, auto b) { return std::max(a, b); });
}
Tensor smallest(const Node& node, EvaluatorInputs inputs) {
  return combined_all(node, inputs, [](auto a, auto b) { return std::min(a, b); });
}
// With the sign of the divisor, as in Python; with fmod, that of the dividend, as in C.
Tensor modulo(const Node& node, EvaluatorInputs inputs) {
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
Tensor negated(const Node& node, EvaluatorInputs inputs) {
  Tensor result = needed_input(node, inputs, 0);
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
Tensor inverted(const Node& node, EvaluatorInputs inputs) {
  Ints values = to_ints(node, needed_input(node, inputs, 0));
  for (std::int64_t& value : values) value = value == 0 ? 1 : 0;
  return Tensor(inputs[0]->shape, std::move(values));
}

template <class Holds>
Tensor compared(const Node& node, EvaluatorInputs inputs, Holds holds) {
  const Tensor result = combined(node, inputs, [=](auto a, auto b) { return decltype(a)(holds(a, b)); });
  return Tensor(result.shape, to_ints(node, result));
}
template <template <class> class kComparison>
Tensor comparison(const Node& node, EvaluatorInputs inputs) {
  return compared(node, inputs, [](auto a, auto b) { return kComparison<decltype(a)>()(a, b); });
}
Tensor both(const Node& node, EvaluatorInputs inputs) {
  return compared(node, inputs, [](auto a, auto b) { return a != 0 && b != 0; });
}
Tensor either(const Node& node, EvaluatorInputs inputs) {
  return compared(node, inputs, [](auto a, auto b) { return a != 0 || b != 0; });
}
Tensor one_of(const Node& node, EvaluatorInputs inputs) {
  return compared(node, inputs, [](auto a, auto b) { return (a != 0) != (b != 0); });
}

template <float (*kFunction)(float)>
Tensor rounded(const Node& node, EvaluatorInputs inputs) {
  Tensor result = needed_input(node, inputs, 0);
  for (float& value : result.floats()) value = kFunction(value);
  return result;
}

}  // namespace

const Evaluators& arithmetic_evaluators() {
  static const Evaluators all = {
      {"Add", add},
      {"Ceil", rounded<std::ceil>},
      {"Div", divide},
      {"Equal", comparison<std::equal_to>},
      {"Greater", comparison<std::greater>},
      {"GreaterOrEqual", comparison<std::greater_equal>},
      {"Less", comparison<std::less>},
      {"LessOrEqual", comparison<std::less_equal>},
      {"And", both},
      {"Or", either},
      {"Xor", one_of},
      {"Floor", rounded<std::floor>},
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
      {"Sub", subtract},
      {"Where", where},
  };
  return all;
}

}  // namespace einet::graph
