#include <algorithm>

#include "graph/operators/broadcast.h"
#include "graph/operators/operator.h"

namespace einet::graph {

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()));
  for (std::size_t back = 1; back <= result.size(); ++back) {
    const std::int64_t left = back <= a.size() ? a[a.size() - back] : 1;
    const std::int64_t right = back <= b.size() ? b[b.size() - back] : 1;
    if (left != right && left != 1 && right != 1) return std::nullopt;
    result[result.size() - back] = left == 1 ? right : left;
  }
  return result;
}

namespace {

// Truth values are the floats 0 and 1.
Shape elementwise(const Application& at) {
  const auto shape = broadcast(at.shape(0), at.shape(1));
  if (!shape)
    at.invalid("shapes " + to_string(at.shape(0)) + " and " + to_string(at.shape(1)) + " cannot be broadcast");
  return *shape;
}

// Condition, value if true, value if false -> the shape that all three broadcast to
Shape where(const Application& at) {
  const auto values = broadcast(at.shape(1), at.shape(2));
  const auto shape = values ? broadcast(at.shape(0), *values) : std::nullopt;
  if (!shape) {
    at.invalid("shapes " + to_string(at.shape(0)) + ", " + to_string(at.shape(1)) + " and " + to_string(at.shape(2)) +
               " cannot be broadcast");
  }
  return *shape;
}

}  // namespace

const Operators& arithmetic_operators() {
  static const Operators operators = {
      {"Add", 2, 2, {}, elementwise},
      {"Sub", 2, 2, {}, elementwise},
      {"Mul", 2, 2, {}, elementwise},
      {"Div", 2, 2, {}, elementwise},
      {"Pow", 2, 2, {}, elementwise},
      {"Max", 2, 2, {}, elementwise},
      {"Min", 2, 2, {}, elementwise},
      {"Mod", 2, 2, {"fmod"}, elementwise},
      {"Equal", 2, 2, {}, elementwise},
      {"Greater", 2, 2, {}, elementwise},
      {"GreaterOrEqual", 2, 2, {}, elementwise},
      {"Less", 2, 2, {}, elementwise},
      {"LessOrEqual", 2, 2, {}, elementwise},
      {"And", 2, 2, {}, elementwise},
      {"Or", 2, 2, {}, elementwise},
      {"Xor", 2, 2, {}, elementwise},
      {"Where", 3, 3, {}, where},
  };
  return operators;
}

}  // namespace einet::graph
