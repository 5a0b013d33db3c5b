#include <algorithm>

#include "exec/reference/broadcast.h"
#include "exec/reference/loop.h"

namespace einet::exec {
namespace {

// y = alpha * A * B + beta * C, with A and B transposed if the attributes say so, and C broadcast.
Loop gemm(const Operands& o) {
  const graph::Shape a = o.inputs[0], b = o.inputs[1];
  const bool trans_a = o.node.attribute("transA", std::int64_t{0}) != 0;
  const bool trans_b = o.node.attribute("transB", std::int64_t{0}) != 0;
  const float alpha = o.node.attribute("alpha", 1.0f), beta = o.node.attribute("beta", 1.0f);
  const bool has_c = o.has(2);
  const std::vector<std::int64_t> c_strides = has_c ? broadcast_strides(o.inputs[2], o.output) : graph::Shape{};
  return [=, y = o.output](std::span<const float* const> in, float* out) {
    const std::int64_t inner = trans_a ? a[0] : a[1];
    for (std::int64_t i = 0; i < y[0]; ++i) {
      for (std::int64_t j = 0; j < y[1]; ++j) {
        double sum = 0.0;
        for (std::int64_t k = 0; k < inner; ++k) {
          const float left = in[0][trans_a ? k * a[1] + i : i * a[1] + k];
          const float right = in[1][trans_b ? j * b[1] + k : k * b[1] + j];
          sum += double{left} * right;
        }
        sum *= alpha;
        if (has_c) sum += double{beta} * in[2][i * c_strides[0] + j * c_strides[1]];
        *out++ = static_cast<float>(sum);
      }
    }
  };
}

// Matrices in the last two dimensions.
Loop matmul(const Operands& o) {
  graph::Shape a = o.inputs[0], b = o.inputs[1], y = o.output;  // A vector is a row on the left, a column on the right.
  if (b.size() == 1) {
    b.push_back(1);
    y.push_back(1);
  }
  if (a.size() == 1) {
    a.insert(a.begin(), 1);
    y.insert(y.end() - 1, 1);
  }
  const auto a_strides = broadcast_strides(graph::Shape(a.begin(), a.end() - 2), graph::Shape(y.begin(), y.end() - 2));
  const auto b_strides = broadcast_strides(graph::Shape(b.begin(), b.end() - 2), graph::Shape(y.begin(), y.end() - 2));
  return [=](std::span<const float* const> in, float* out) {
    const std::int64_t rows = a[a.size() - 2], inner = a.back(), columns = b.back();
    std::vector<double> sums(static_cast<std::size_t>(columns));  // One row, so that `right` is read in its order.
    double* sum = sums.data();
    std::int64_t count = 1;
    for (std::size_t d = 0; d + 2 < y.size(); ++d) count *= y[d];
    for (std::int64_t matrix = 0; matrix < count; ++matrix) {
      std::int64_t at_a = 0, at_b = 0, rest = matrix;
      for (std::size_t d = y.size() - 2; d-- > 0; rest /= y[d]) {
        at_a += rest % y[d] * a_strides[d];
        at_b += rest % y[d] * b_strides[d];
      }
      const float* left = in[0] + at_a * rows * inner;
      const float* right = in[1] + at_b * inner * columns;
      for (std::int64_t i = 0; i < rows; ++i) {
        std::ranges::fill(sums, 0.0);
        for (std::int64_t k = 0; k < inner; ++k) {
          const double factor = left[i * inner + k];
          for (std::int64_t j = 0; j < columns; ++j) sum[j] += factor * right[k * columns + j];
        }
        for (const double value : sums) *out++ = static_cast<float>(value);
      }
    }
  };
}

}  // namespace

const LoopMakers& matrix_loops() {
  static const LoopMakers makers = {{"Gemm", gemm}, {"MatMul", matmul}};
  return makers;
}

}  // namespace einet::exec
