#include <algorithm>

#include "exec/reference/loop.h"
#include "graph/axis.h"
#include "graph/selection.h"

namespace einet::exec {
namespace {

Loop concat(const Operands& o) {
  const auto axis = static_cast<std::ptrdiff_t>(
      graph::counted_axis(o.node, o.node.attribute("axis", std::int64_t{0}), o.output.size()));
  const std::int64_t outer = graph::element_count(graph::Shape(o.output.begin(), o.output.begin() + axis));
  return [outer, axis, shapes = o.inputs](std::span<const float* const> in, float* out) {
    for (std::int64_t i = 0; i < outer; ++i) {
      for (std::size_t part = 0; part < shapes.size(); ++part) {
        std::int64_t size = 1;
        for (std::size_t d = static_cast<std::size_t>(axis); d < shapes[part].size(); ++d) size *= shapes[part][d];
        out = std::copy_n(in[part] + i * size, size, out);
      }
    }
  };
}

// Flatten and Reshape do not move elements in C order.
Loop same_data(const Operands& o) {
  return [count = graph::element_count(o.output)](std::span<const float* const> in, float* out) {
    std::copy_n(in[0], count, out);
  };
}

// Element by element: the position in the input is computed from the one in the result.
Loop transpose(const Operands& o) {
  const graph::Shape& x = o.inputs[0];
  const std::vector<std::size_t> axes = graph::transposition(o.node, x.size());
  return [=, y = o.output, count = graph::element_count(o.output)](std::span<const float* const> in, float* out) {
    std::vector<std::int64_t> at(x.size());
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t rest = i, from = 0;
      for (std::size_t d = y.size(); d-- > 0; rest /= y[d]) at[axes[d]] = rest % y[d];
      for (std::size_t d = 0; d < x.size(); ++d) from = from * x[d] + at[d];
      out[i] = in[0][from];
    }
  };
}

}  // namespace

const LoopMakers& arrangement_loops() {
  static const LoopMakers makers = {
      {"Concat", concat}, {"Flatten", same_data}, {"Reshape", same_data}, {"Transpose", transpose}};
  return makers;
}

}  // namespace einet::exec
