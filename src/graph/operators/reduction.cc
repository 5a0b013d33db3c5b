#include "graph/operators/operator.h"
#include "graph/selection.h"

namespace einet::graph {
namespace {

// X -> the same with the reduced dimensions of size 1, or without them
Shape reduce(const Application& at) {
  Shape shape = at.shape(0);
  const std::vector<std::size_t> axes = reduced_axes(at.node, shape.size());
  const bool keep = at.node.attribute("keepdims", std::int64_t{1}) != 0;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    if (keep) {
      shape[*axis] = 1;
    } else {
      shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(*axis));
    }
  }
  return shape;
}

}  // namespace

const Operators& reduction_operators() {
  static const Operators operators = {
      {"ReduceMean", 1, 1, {"axes", "keepdims"}, reduce},   {"ReduceSum", 1, 1, {"axes", "keepdims"}, reduce},
      {"ReduceMax", 1, 1, {"axes", "keepdims"}, reduce},    {"ReduceMin", 1, 1, {"axes", "keepdims"}, reduce},
      {"ReduceProd", 1, 1, {"axes", "keepdims"}, reduce},   {"ReduceL1", 1, 1, {"axes", "keepdims"}, reduce},
      {"ReduceL2", 1, 1, {"axes", "keepdims"}, reduce},     {"ReduceSumSquare", 1, 1, {"axes", "keepdims"}, reduce},
      {"ReduceLogSum", 1, 1, {"axes", "keepdims"}, reduce}, {"ReduceLogSumExp", 1, 1, {"axes", "keepdims"}, reduce}};
  return operators;
}

}  // namespace einet::graph
