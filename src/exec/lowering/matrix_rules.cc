#include <algorithm>
#include <array>
#include <utility>

#include "exec/lowering/lower.h"

namespace einet::exec {
namespace {

// A matrix of weights, viewed as [inputs,outputs].
struct Weights {
  const graph::Tensor& tensor;
  bool transposed = false;

  std::int64_t inputs() const { return tensor.shape[transposed ? 1 : 0]; }
  std::int64_t outputs() const { return tensor.shape[transposed ? 0 : 1]; }
  float at(std::int64_t k, std::int64_t j) const {
    return tensor.floats()[static_cast<std::size_t>(transposed ? j * tensor.shape[1] + k : k * tensor.shape[1] + j)];
  }
};

// [outputs,inputs] with the inputs in the memory order of the features: after a flattened feature map [N,C,H,W], stored
// as [N,H,W,C], the weights are permuted here once, instead of the features in every run.
Linear linear(const Weights& weights, float factor, const Arrangement& x) {
  const std::int64_t inputs = weights.inputs(), outputs = weights.outputs();
  const std::size_t features = x.shape().size() - 1;
  Linear result{inputs, outputs, std::vector<float>(static_cast<std::size_t>(inputs * outputs)),
                std::vector<float>(static_cast<std::size_t>(outputs), 0.0f)};
  for (std::int64_t k = 0; k < inputs; ++k) {
    const std::int64_t at = x.offset(features, k);
    for (std::int64_t j = 0; j < outputs; ++j) {
      result.weights[static_cast<std::size_t>(j * inputs + at)] = factor * weights.at(k, j);
    }
  }
  return result;
}

// Rows of features in any order, as long as each row is contiguous; also returns that order.
std::pair<int, Arrangement> features(Lowering& to, const graph::Node& node) {
  const graph::Shape& x = to.shape(node, 0);
  const std::int64_t size = x.back(), rows = graph::element_count(x) / size;
  if (x.size() == 2 && !to.is_constant(node, 0)) {
    Located found = to.located(node, 0);
    bool together = true;
    for (std::int64_t i = 0; i < rows && together; ++i) together = found.arrangement.offset(0, i) == i * size;
    for (std::int64_t k = 0; k < size && together; ++k) together = found.arrangement.offset(1, k) < size;
    if (together) return {to.view(found.value, {rows, size}), std::move(found.arrangement)};
  }
  return {to.ordered(node, 0, row_major_order(x.size()), {rows, size}), Arrangement::row_major(x)};
}

void multiply(Lowering& to, const graph::Node& node, const Weights& weights, float factor, std::vector<float> bias) {
  const auto [x, arrangement] = features(to, node);
  Linear result = linear(weights, factor, arrangement);
  if (!bias.empty()) result.bias = std::move(bias);
  if (factor == 1.0f) result.scales = to.weight_scales(node, 1, weights.transposed ? 0 : 1, weights.outputs());
  const graph::Shape& y = to.shape(node);
  const std::int64_t outputs = weights.outputs();
  to.emit(node, std::move(result), {x}, {graph::element_count(y) / outputs, outputs}, Arrangement::row_major(y));
}

// beta * C as a bias of every row; empty if C is not such a row.
std::vector<float> row_bias(Lowering& to, const graph::Node& node, std::int64_t outputs, float beta) {
  if (!to.is_constant(node, 2)) return {};
  const graph::Tensor& c = to.constant(node, 2);
  const std::vector<float>& values = c.floats();
  const bool row = static_cast<std::int64_t>(values.size()) == outputs && c.shape.back() == outputs;
  if (values.size() != 1 && !row) return {};
  std::vector<float> bias(static_cast<std::size_t>(outputs));
  for (std::size_t j = 0; j < bias.size(); ++j) bias[j] = beta * values[values.size() == 1 ? 0 : j];
  return bias;
}

int scaled(Lowering& to, const graph::Node& node, int x, float factor) {
  if (factor == 1.0f) return x;
  const graph::Shape memory = to.describe(x).shape;
  const auto channels = static_cast<std::size_t>(memory[1]);
  const Affine scale{std::vector<float>(channels, factor), std::vector<float>(channels, 0.0f)};
  return to.append(node.name + ".scale", scale, {x}, memory);
}

// alpha A B + beta C for matrices that are not weights, in several operations.
void general_gemm(Lowering& to, const graph::Node& node) {
  const bool left_turned = node.attribute("transA", std::int64_t{0}) != 0;
  const bool right_turned = node.attribute("transB", std::int64_t{0}) != 0;
  const graph::Shape& y = to.shape(node);
  const std::int64_t inner = to.shape(node, 0)[left_turned ? 0 : 1];
  constexpr std::array<std::size_t, 2> kPlain = {0, 1}, kTurned = {1, 0};
  const int left = to.ordered(node, 0, left_turned ? kTurned : kPlain, {y[0], inner});
  const int right = to.ordered(node, 1, right_turned ? kTurned : kPlain, {inner, y[1]});
  int result = to.append(node.name, Product{y[0], inner, y[1], {0}, {0}}, {left, right}, y);
  result = scaled(to, node, result, node.attribute("alpha", 1.0f));
  if (to.has(node, 2)) {
    graph::Shape c = to.shape(node, 2);
    c.insert(c.begin(), 2 - c.size(), 1);
    Positions positions = all_positions(y);
    for (const std::size_t d : kPlain) {
      if (c[d] == 1) std::fill(positions[d].begin(), positions[d].end(), 0);
    }
    const int spread = to.rearranged(node, 2, c, positions, 0.0f, kPlain, y);
    const int sum = scaled(to, node, spread, node.attribute("beta", 1.0f));
    result = to.append(node.name + ".sum", Binary{Binary::kAdd}, {result, sum}, y);
  }
  to.pass(node, {result, Arrangement::row_major(y)});
}

// With constant weights and a row of biases: a fully connected layer.
void gemm(Lowering& to, const graph::Node& node) {
  const bool transposed = node.attribute("transB", std::int64_t{0}) != 0;
  const bool weights = to.is_constant(node, 1) && node.attribute("transA", std::int64_t{0}) == 0;
  std::vector<float> bias = row_bias(to, node, to.shape(node)[1], node.attribute("beta", 1.0f));
  if (!weights || (bias.empty() && to.has(node, 2))) return general_gemm(to, node);
  multiply(to, node, {to.constant(node, 1), transposed}, node.attribute("alpha", 1.0f), std::move(bias));
}

// For each matrix in `all`, the corresponding one in `shape`, in which single ones are repeated. Both without the last
// two dimensions.
std::vector<std::int64_t> matrices(graph::Shape shape, const graph::Shape& all) {
  shape.insert(shape.begin(), all.size() - shape.size(), 1);
  std::vector<std::int64_t> which(static_cast<std::size_t>(graph::element_count(all)), 0);
  for (std::size_t i = 0; i < which.size(); ++i) {
    std::int64_t rest = static_cast<std::int64_t>(i), step = 1;
    for (std::size_t d = all.size(); d-- > 0; rest /= all[d]) {
      which[i] += shape[d] == 1 ? 0 : rest % all[d] * step;
      step *= shape[d];
    }
  }
  return which;
}

// NumPy's matmul. With one constant matrix on the right, it is a fully connected layer on all rows.
void matmul(Lowering& to, const graph::Node& node) {
  graph::Shape a = to.shape(node, 0), b = to.shape(node, 1);
  const graph::Shape& y = to.shape(node);
  if (to.is_constant(node, 1) && b.size() == 2 && a.size() > 1) {
    return multiply(to, node, {to.constant(node, 1)}, 1.0f, {});
  }
  const std::size_t rank_a = a.size(), rank_b = b.size();
  graph::Shape outer(y.begin(), y.end() - static_cast<std::ptrdiff_t>((rank_a > 1) + (rank_b > 1)));
  if (rank_a == 1) a = {1, a.front()};  // A vector is a row on the left, a column on the right.
  if (rank_b == 1) b = {b.front(), 1};
  Product product{a[a.size() - 2], a.back(), b.back(), {}, {}};
  product.left = matrices(graph::Shape(a.begin(), a.end() - 2), outer);
  product.right = matrices(graph::Shape(b.begin(), b.end() - 2), outer);
  const auto rows_of = [&](std::size_t i, std::vector<std::size_t> order) {
    const graph::Shape& shape = to.shape(node, i);
    const std::int64_t width = shape[order.back()];
    return to.ordered(node, i, order, {graph::element_count(shape) / width, width});
  };
  std::vector<std::size_t> order = row_major_order(rank_b);
  // In keys of attention, the features, which are the inner dimension, are contiguous.
  if (rank_b > 1 && !to.is_constant(node, 1) && to.source(node, 1).arrangement.offset(rank_b - 2, 1) == 1) {
    product.right_turned = true;
    std::swap(order[rank_b - 2], order[rank_b - 1]);
  }
  const graph::Shape memory = {graph::element_count(y) / product.columns, product.columns};
  const int left = rows_of(0, row_major_order(rank_a)), right = rows_of(1, order);
  to.emit(node, std::move(product), {left, right}, memory, Arrangement::row_major(y));
}

}  // namespace

const Rules& matrix_rules() {
  static const Rules rules = {{"Gemm", gemm}, {"MatMul", matmul}};
  return rules;
}

}  // namespace einet::exec
