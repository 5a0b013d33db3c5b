#include "graph/operators/operator.h"
#include "graph/window.h"

namespace einet::graph {
namespace {

// Weights and bias must be known when the graph is compiled.
void check_constants(const Application& at) {
  for (const std::size_t i : {1, 2}) {
    if (at.has(i) && at.constant(i) == nullptr) at.unsupported("'" + at.node.inputs[i] + "' is not a constant");
  }
}

void check_rank(const Application& at) {
  const Shape &x = at.shape(0), &w = at.shape(1);
  if (x.size() < 3 || w.size() != x.size()) {
    at.invalid("cannot convolve " + to_string(x) + " with weights " + to_string(w));
  }
}

[[noreturn]] void refuse_groups(const Application& at, std::int64_t group) {
  at.invalid("weights " + to_string(at.shape(1)) + " in " + std::to_string(group) + " groups do not match the input " +
             to_string(at.shape(0)));
}

/// Checks the kernel sizes and the bias for `outputs` channels, and returns the former.
std::vector<std::int64_t> checked_kernel(const Application& at, std::int64_t outputs) {
  if (at.has(2) && at.shape(2) != Shape{outputs}) {
    at.invalid("bias " + to_string(at.shape(2)) + " instead of [" + std::to_string(outputs) + "]");
  }
  const Shape& w = at.shape(1);
  std::vector<std::int64_t> kernel(w.begin() + 2, w.end());
  if (at.node.attribute("kernel_shape", kernel) != kernel) {
    at.invalid("kernel_shape disagrees with weights " + to_string(w));
  }
  return kernel;
}

// X [N,C,spatial...], W [M,C/group,kernel...], optional B [M] -> [N,M,spatial...]
Shape conv(const Application& at) {
  check_constants(at);
  const Shape& x = at.shape(0);
  const Shape& w = at.shape(1);
  check_rank(at);
  const std::int64_t group = at.node.attribute("group", std::int64_t{1});
  if (group < 1 || x[1] % group != 0 || w[0] < 1 || w[0] % group != 0 || x[1] / group != w[1]) {
    refuse_groups(at, group);
  }
  const std::vector<std::int64_t> kernel = checked_kernel(at, w[0]);
  Shape result = {x[0], w[0]};
  const WindowGeometry geometry = window_geometry(at.node, x, kernel);
  result.insert(result.end(), geometry.output.begin(), geometry.output.end());
  return result;
}

// X [N,C,spatial...], W [C,M/group,kernel...], optional B [M] -> [N,M,spatial...]
Shape conv_transpose(const Application& at) {
  check_constants(at);
  const Shape& x = at.shape(0);
  const Shape& w = at.shape(1);
  check_rank(at);
  const std::int64_t group = at.node.attribute("group", std::int64_t{1});
  if (group < 1 || x[1] != w[0] || x[1] % group != 0 || w[1] < 1 || w[1] > (std::int64_t{1} << 30) / group) {
    refuse_groups(at, group);
  }
  const std::int64_t outputs = w[1] * group;
  const std::vector<std::int64_t> kernel = checked_kernel(at, outputs);
  Shape result = {x[0], outputs};
  const WindowGeometry geometry = transposed_geometry(at.node, x, kernel);
  result.insert(result.end(), geometry.output.begin(), geometry.output.end());
  return result;
}

}  // namespace

const Operators& convolution_operators() {
  static const Operators operators = {
      {"Conv", 2, 3, {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"}, conv},
      {"ConvTranspose",
       2,
       3,
       {"auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads", "strides"},
       conv_transpose},
  };
  return operators;
}

}  // namespace einet::graph
