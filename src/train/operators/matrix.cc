#include "train/operators/families.h"

namespace einet::train {
namespace {

using graph::Graph;
using graph::Node;
using Inputs = std::span<const at::Tensor>;

Operation gemm(const Graph&, const Node& node) {
  return [alpha = node.attribute("alpha", 1.0f), beta = node.attribute("beta", 1.0f),
          transpose_a = node.attribute("transA", std::int64_t{0}) != 0,
          transpose_b = node.attribute("transB", std::int64_t{0}) != 0](Inputs in, bool) {
    const at::Tensor a = transpose_a ? in[0].t() : in[0];
    const at::Tensor out_by_in = transpose_b ? in[1] : in[1].t();
    const bool biased = in.size() > 2;
    if (alpha == 1 && (!biased || (beta == 1 && in[2].dim() == 1 && in[2].size(0) == out_by_in.size(0)))) {
      return at::linear(a, out_by_in, biased ? c10::make_optional(in[2]) : c10::nullopt);
    }
    const at::Tensor product = at::linear(a, out_by_in) * alpha;
    return biased ? product + in[2] * beta : product;
  };
}

Operation matmul(const Graph&, const Node&) {
  return [](Inputs in, bool) { return at::matmul(in[0], in[1]); };
}

}  // namespace

const Compilers& matrix_operators() {
  static const Compilers operators = {
      {"Gemm", gemm},
      {"MatMul", matmul},
  };
  return operators;
}

}  // namespace einet::train
