#include <utility>

#include "graph/operators/broadcast.h"
#include "graph/operators/operator.h"

namespace einet::graph {
namespace {

// A [M,K], B [K,N] (transposed if the attributes say so), C broadcast to [M,N] -> [M,N]
Shape gemm(const Application& at) {
  Shape a = at.shape(0);
  Shape b = at.shape(1);
  if (a.size() != 2 || b.size() != 2) at.invalid("needs two matrices, not " + to_string(a) + " and " + to_string(b));
  if (at.node.attribute("transA", std::int64_t{0}) != 0) std::swap(a[0], a[1]);
  if (at.node.attribute("transB", std::int64_t{0}) != 0) std::swap(b[0], b[1]);
  if (a[1] != b[0]) at.invalid("cannot multiply " + to_string(a) + " by " + to_string(b));
  Shape result = {a[0], b[1]};
  if (at.has(2) && broadcast(at.shape(2), result) != result) {
    at.invalid("cannot add " + to_string(at.shape(2)) + " to " + to_string(result));
  }
  return result;
}

// NumPy's matmul: the last two dimensions are multiplied, those before are broadcast; a vector is a row on the left and
// a column on the right.
Shape matmul(const Application& at) {
  Shape a = at.shape(0);
  Shape b = at.shape(1);
  if (a.empty() || b.empty()) at.invalid("cannot multiply a scalar");
  const bool row = a.size() == 1;
  const bool column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  const auto outer = broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  if (!outer || a.back() != b[b.size() - 2]) at.invalid("cannot multiply " + to_string(a) + " by " + to_string(b));
  Shape result = *outer;
  if (!row) result.push_back(a[a.size() - 2]);
  if (!column) result.push_back(b.back());
  return result;
}

}  // namespace

const Operators& matrix_operators() {
  static const Operators operators = {
      {"Gemm", 2, 3, {"alpha", "beta", "transA", "transB"}, gemm},
      {"MatMul", 2, 2, {}, matmul},
  };
  return operators;
}

}  // namespace einet::graph
