#include "graph/axis.h"
#include "graph/operators/operator.h"
#include "graph/selection.h"

namespace einet::graph {
namespace {

// Values with equal sizes except along `axis` -> the same, with the sum of the sizes along `axis`
Shape concat(const Application& at) {
  if (!at.node.attributes.contains("axis")) at.invalid("has no attribute 'axis'");
  Shape result = at.shape(0);
  const std::size_t axis = counted_axis(at.node, at.node.attribute("axis", std::int64_t{0}), result.size());
  for (std::size_t i = 1; i < at.shapes.size(); ++i) {
    if (!at.has(i)) at.invalid("has no input " + std::to_string(i + 1));
    Shape rest = at.shape(i);
    if (rest.size() != result.size()) at.invalid("cannot join " + to_string(result) + " and " + to_string(rest));
    const std::int64_t size = rest[axis];
    rest[axis] = result[axis];
    if (rest != result) at.invalid("cannot join " + to_string(result) + " and " + to_string(at.shape(i)));
    if (__builtin_add_overflow(result[axis], size, &result[axis])) at.invalid("is too large");
  }
  return result;
}

// [a,b,c,d] with axis 2 -> [a*b,c*d]
Shape flatten(const Application& at) {
  const Shape& x = at.shape(0);
  const std::size_t axis = counted_axis(at.node, at.node.attribute("axis", std::int64_t{1}), x.size(), true);
  const auto middle = x.begin() + static_cast<std::ptrdiff_t>(axis);
  return {element_count(Shape(x.begin(), middle)), element_count(Shape(middle, x.end()))};
}

// The constant second input is the new shape: 0 keeps the dimension at that position, a single -1 takes the rest.
Shape reshape(const Application& at) {
  const Shape& x = at.shape(0);
  const Tensor* target = at.constant(1);
  if (target == nullptr) at.unsupported("the shape '" + at.node.inputs[1] + "' is not a constant");
  if (target->is_float() || target->shape.size() != 1) at.invalid("the shape is not a list of integers");
  Shape result = target->ints();
  std::int64_t* rest = nullptr;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == -1 && rest == nullptr) {
      rest = &result[i];
      *rest = 1;
    } else if (result[i] == 0 && i < x.size()) {
      result[i] = x[i];
    } else if (result[i] < 1) {
      at.invalid("cannot reshape " + to_string(x) + " to " + to_string(target->ints()));
    }
  }
  const std::int64_t have = element_count(x);
  const std::int64_t want = element_count(result);
  if (rest != nullptr && want > 0) *rest = have / want;
  if (element_count(result) != have) at.invalid("cannot reshape " + to_string(x) + " to " + to_string(target->ints()));
  return result;
}

// [a,b,c] with perm [2,0,1] -> [c,a,b]
Shape transpose(const Application& at) {
  Shape result;
  for (const std::size_t axis : transposition(at.node, at.shape(0).size())) result.push_back(at.shape(0)[axis]);
  return result;
}

}  // namespace

const Operators& arrangement_operators() {
  static const Operators operators = {
      {"Concat", 1, kAny, {"axis"}, concat},
      {"Flatten", 1, 1, {"axis"}, flatten},
      {"Reshape", 2, 2, {}, reshape},
      {"Transpose", 1, 1, {"perm"}, transpose},
  };
  return operators;
}

}  // namespace einet::graph
