#include <algorithm>
#include <cmath>
#include <optional>

#include "exec/kernels/window.h"
#include "exec/lowering/lower.h"
#include "graph/axis.h"

namespace einet::exec {
namespace {

void batch_normalization(Lowering& to, const graph::Node& node) {
  const auto &gamma = to.constant(node, 1).floats(), &beta = to.constant(node, 2).floats();
  const auto &mean = to.constant(node, 3).floats(), &variance = to.constant(node, 4).floats();
  const double epsilon = node.attribute("epsilon", 1e-5f);
  Affine affine;
  for (std::size_t c = 0; c < gamma.size(); ++c) {
    const double scale = gamma[c] / std::sqrt(variance[c] + epsilon);
    affine.scale.push_back(static_cast<float>(scale));
    affine.shift.push_back(static_cast<float>(beta[c] - mean[c] * scale));
  }
  to.emit_along(node, 1, std::move(affine), {to.along(node, 0, 1)});
}

void lrn(Lowering& to, const graph::Node& node) {
  const std::int64_t size = node.attribute("size", std::int64_t{1});
  if (size > kMostNeighbours) {
    Lowering::unsupported(node, "a size above " + std::to_string(kMostNeighbours) + " is not supported");
  }
  const Lrn lrn{size, node.attribute("alpha", 0.0001f), node.attribute("beta", 0.75f), node.attribute("bias", 1.0f)};
  to.emit_along(node, 1, lrn, {to.image(node, 0)});
}

void softmax(Lowering& to, const graph::Node& node) {
  const std::size_t axis = graph::counted_axis(node, node.attribute("axis", std::int64_t{-1}), to.shape(node).size());
  to.emit_along(node, axis, Softmax{node.op == "LogSoftmax"}, {to.along(node, 0, axis)});
}

// Works on rows of the normalised dimensions. For the channels of a channels-last value, nothing is moved.
void layer_normalization(Lowering& to, const graph::Node& node) {
  const graph::Shape& x = to.shape(node);
  std::vector<float> scale = to.constant(node, 1).floats(), shift(scale.size(), 0.0f);
  if (to.has(node, 2)) shift = to.constant(node, 2).floats();
  const auto size = static_cast<std::int64_t>(scale.size());
  const graph::Shape rows = {graph::element_count(x) / size, size};
  Normalization normalization{1, node.attribute("epsilon", 1e-5f), std::move(scale), std::move(shift)};
  const int ordered = to.ordered(node, 0, row_major_order(x.size()), rows);
  to.emit(node, std::move(normalization), {ordered}, rows, Arrangement::row_major(x));
}

void channel_normalization(Lowering& to, const graph::Node& node) {
  const std::int64_t channels = to.shape(node)[1];
  const std::int64_t groups =
      node.op == "GroupNormalization" ? node.attribute("num_groups", std::int64_t{1}) : channels;
  to.emit_along(node, 1,
                Normalization{groups, node.attribute("epsilon", 1e-5f), to.constant(node, 1).floats(),
                              to.constant(node, 2).floats()},
                {to.along(node, 0, 1)});
}

// Whether a value of three dimensions or more has the last one innermost, like the results of matrix products.
bool lies_in_rows(Lowering& to, const graph::Node& node) {
  const std::size_t rank = to.shape(node).size();
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (!to.is_constant(node, i)) return rank > 2 && to.source(node, i).arrangement.offset(rank - 1, 1) == 1;
  }
  return false;
}

// In C order, the dimensions from the axis on form one row.
void concat(Lowering& to, const graph::Node& node) {
  const graph::Shape& y = to.shape(node);
  const std::size_t axis = graph::counted_axis(node, node.attribute("axis", std::int64_t{0}), y.size());
  std::vector<int> inputs;
  if (lies_in_rows(to, node)) {
    const auto rows = graph::element_count(graph::Shape(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(axis)));
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const std::int64_t row = graph::element_count(to.shape(node, i)) / rows;
      inputs.push_back(to.ordered(node, i, row_major_order(y.size()), {rows, row}));
    }
    return to.emit(node, Concat{}, std::move(inputs), {rows, graph::element_count(y) / rows},
                   Arrangement::row_major(y));
  }
  for (std::size_t i = 0; i < node.inputs.size(); ++i) inputs.push_back(to.along(node, i, axis));
  const std::optional<graph::Grid> grid = to.describe(inputs.front()).grid;
  const bool alike = std::ranges::all_of(inputs, [&](int input) { return to.describe(input).grid == grid; });
  to.emit_along(node, axis, Concat{}, std::move(inputs));
  if (alike) to.set_grid(node, grid);
}

}  // namespace

const Rules& channel_rules() {
  static const Rules rules = {{"BatchNormalization", batch_normalization},
                              {"LRN", lrn},
                              {"Softmax", softmax},
                              {"LogSoftmax", softmax},
                              {"LayerNormalization", layer_normalization},
                              {"InstanceNormalization", channel_normalization},
                              {"GroupNormalization", channel_normalization},
                              {"Concat", concat}};
  return rules;
}

}  // namespace einet::exec
