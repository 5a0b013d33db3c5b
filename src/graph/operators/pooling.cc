#include <algorithm>

#include "graph/operators/operator.h"
#include "graph/window.h"

namespace einet::graph {
namespace {

// X [N,C,spatial...] -> [N,C,spatial...]
Shape pool(const Application& at) {
  const Shape& x = at.shape(0);
  const WindowGeometry geometry =
      window_geometry(at.node, x, at.node.attribute("kernel_shape", std::vector<std::int64_t>{}));
  for (std::size_t d = 0; d < geometry.kernel.size(); ++d) {
    const std::int64_t extent = (geometry.kernel[d] - 1) * geometry.dilations[d] + 1;
    if (geometry.pads_begin[d] >= extent || geometry.pads_end[d] >= extent) {
      at.invalid("has windows that are entirely in the padding");
    }
  }
  Shape result = {x[0], x[1]};
  result.insert(result.end(), geometry.output.begin(), geometry.output.end());
  return result;
}

Shape max_pool(const Application& at) {
  if (at.node.attribute("storage_order", std::int64_t{0}) != 0) at.unsupported("storage_order 1 is not supported");
  return pool(at);
}

// X [N,C,spatial...] -> [N,C,1...]
Shape global_pool(const Application& at) {
  Shape shape = at.shape(0);
  if (shape.size() < 3) at.invalid("needs an input [N,C,spatial...], not " + to_string(shape));
  if (shape.size() > 4) {
    at.unsupported("only images [N,C,H,W] and rows [N,C,L] are supported, not " + to_string(shape));
  }
  std::fill(shape.begin() + 2, shape.end(), 1);
  return shape;
}

}  // namespace

const Operators& pooling_operators() {
  static const Operators operators = {
      {"MaxPool",
       1,
       1,
       {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"},
       max_pool},
      {"AveragePool",
       1,
       1,
       {"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"},
       pool},
      {"GlobalAveragePool", 1, 1, {}, global_pool},
      {"GlobalMaxPool", 1, 1, {}, global_pool},
  };
  return operators;
}

}  // namespace einet::graph
