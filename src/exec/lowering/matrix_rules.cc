#include "lowering/lower.h"

namespace einet::exec {
namespace {

// Builds [outputs,inputs] with the inputs in the order in which the value lies in memory: after a flattened feature map
// [N,C,H,W], kept as [N,H,W,C], the weights are permuted here, once, instead of the features on every run.
template <class Weight>
Linear linear(const Value& x, std::int64_t outputs, Weight weight) {
  Linear result{x.shape[1], outputs, {}, std::vector<float>(static_cast<std::size_t>(outputs), 0.0f)};
  result.weights.reserve(static_cast<std::size_t>(result.inputs * outputs));
  for (std::int64_t j = 0; j < outputs; ++j) {
    for (std::int64_t at = 0; at < result.inputs; ++at) {
      const std::int64_t feature =
          x.permuted() ? at % x.permuted_channels * x.permuted_area + at / x.permuted_channels : at;
      result.weights.push_back(weight(feature, j));
    }
  }
  return result;
}

void check(Lowering& to, const graph::Node& node, int x) {
  if (to.describe(x).shape.size() != 2) Lowering::unsupported(node, "only rows of features [N,F] are supported");
}

void gemm(Lowering& to, const graph::Node& node) {
  if (node.attribute("transA", std::int64_t{0}) != 0) Lowering::unsupported(node, "transA is not supported");
  const int x = to.value(node, 0, false);
  check(to, node, x);
  const graph::Tensor& matrix = to.constant(node, 1);
  const std::vector<float>& b = matrix.floats();
  const bool transposed = node.attribute("transB", std::int64_t{0}) != 0;
  const std::int64_t columns = matrix.shape[1], outputs = matrix.shape[transposed ? 0 : 1];
  const float alpha = node.attribute("alpha", 1.0f), beta = node.attribute("beta", 1.0f);
  Linear result = linear(to.describe(x), outputs, [&](std::int64_t k, std::int64_t j) {
    return alpha * b[static_cast<std::size_t>(transposed ? j * columns + k : k * columns + j)];
  });
  if (to.has(node, 2)) {
    const graph::Tensor& c = to.constant(node, 2);
    const auto size = static_cast<std::int64_t>(c.floats().size());
    const bool row = size == 1 || (size == outputs && c.shape.back() == outputs);
    if (!row) Lowering::unsupported(node, "a bias of shape " + graph::to_string(c.shape) + " is not supported");
    for (std::int64_t j = 0; j < outputs; ++j) result.bias[j] = beta * c.floats()[size == 1 ? 0 : j];
  }
  to.emit(node, std::move(result), {x});
}

void matmul(Lowering& to, const graph::Node& node) {
  if (to.is_constant(node, 0)) Lowering::unsupported(node, "a constant on the left is not supported");
  const int x = to.value(node, 0, false);
  check(to, node, x);
  const graph::Tensor& matrix = to.constant(node, 1);
  if (matrix.shape.size() != 2) Lowering::unsupported(node, "only a matrix of weights is supported");
  const std::int64_t outputs = matrix.shape[1];
  to.emit(node,
          linear(to.describe(x), outputs,
                 [&](std::int64_t k, std::int64_t j) {
                   return matrix.floats()[static_cast<std::size_t>(k * outputs + j)];
                 }),
          {x});
}

}  // namespace

const Rules& matrix_rules() {
  static const Rules rules = {{"Gemm", gemm}, {"MatMul", matmul}};
  return rules;
}

}  // namespace einet::exec
