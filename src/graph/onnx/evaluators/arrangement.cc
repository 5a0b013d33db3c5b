// Operators whose result consists of elements of their inputs.

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "graph/axis.h"
#include "graph/faults.h"
#include "graph/onnx/evaluate.h"
#include "graph/onnx/evaluators/evaluator.h"
#include "graph/selection.h"

namespace einet::graph {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor reshaped(const Tensor& tensor, Shape shape) {
  Tensor result = tensor;
  result.shape = std::move(shape);
  return result;
}

Tensor identity(const Node& node, EvaluatorInputs inputs) { return needed_input(node, inputs, 0); }

// Slice, Gather, Expand, Tile.
Tensor select(const Node& node, EvaluatorInputs inputs) {
  const Tensor& data = needed_input(node, inputs, 0);
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    if (inputs[i] == nullptr && !node.inputs[i].empty()) needed_input(node, inputs, i);
  }
  checked_count(node, data.shape, inputs);
  Shape shape = selected_shape(node, data.shape, inputs);
  checked_count(node, shape, inputs);
  auto [from, tables, fill] = selection(node, data.shape, inputs);
  const Ints strides = strides_of(from);
  Shape chosen;
  for (std::size_t d = 0; d < tables.size(); ++d) {
    for (std::int64_t& position : tables[d]) position *= strides[d];
    chosen.push_back(static_cast<std::int64_t>(tables[d].size()));
  }
  const Ints index = element_indices(node, chosen, tables, inputs);
  return elements_at(data, std::move(shape), index);
}

Tensor transpose(const Node& node, EvaluatorInputs inputs) {
  const Tensor& data = needed_input(node, inputs, 0);
  checked_count(node, data.shape, inputs);
  const Ints strides = strides_of(data.shape);
  Shape shape;
  std::vector<Ints> tables;
  for (const std::size_t axis : transposition(node, data.shape.size())) {
    shape.push_back(data.shape[axis]);
    Ints& table = tables.emplace_back(static_cast<std::size_t>(data.shape[axis]));
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<std::int64_t>(i) * strides[axis];
  }
  const Ints index = element_indices(node, shape, tables, inputs);
  return elements_at(data, std::move(shape), index);
}

Tensor concat(const Node& node, EvaluatorInputs inputs) {
  const Tensor& first = needed_input(node, inputs, 0);
  const std::size_t axis = counted_axis(node, node.attribute("axis", std::int64_t{0}), first.shape.size());
  Shape shape = first.shape;
  shape[axis] = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    Shape part = needed_input(node, inputs, i).shape;
    checked_count(node, part, inputs);
    if (part.size() != shape.size() || inputs[i]->is_float() != first.is_float())
      invalid(node, "joins values of different shapes or types");
    shape[axis] += part[axis];
    part[axis] = first.shape[axis];
    if (part != first.shape) invalid(node, "joins values of different shapes or types");
  }
  const std::int64_t outer = element_count(Shape(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis)));
  return std::visit(
      [&](const auto& like) {
        std::decay_t<decltype(like)> result;
        for (std::int64_t o = 0; o < outer; ++o) {
          for (const Tensor* part : inputs) {
            const auto& values = std::get<std::decay_t<decltype(like)>>(part->data);
            const auto run = static_cast<std::ptrdiff_t>(values.size()) / outer;
            result.insert(result.end(), values.begin() + o * run, values.begin() + (o + 1) * run);
          }
        }
        return Tensor(shape, std::move(result));
      },
      first.data);
}

Tensor squeeze(const Node& node, EvaluatorInputs inputs) {
  const Tensor& data = needed_input(node, inputs, 0);
  return reshaped(data, squeezed_shape(node, data.shape, inputs.size() > 1 ? inputs[1] : nullptr));
}

Tensor reshape(const Node& node, EvaluatorInputs inputs) {
  const Tensor& data = needed_input(node, inputs, 0);
  Shape shape = needed_input(node, inputs, 1).ints();
  const bool as_size = node.attribute("allowzero", std::int64_t{0}) != 0;
  std::int64_t rest = -1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && i < data.shape.size() && !as_size) shape[i] = data.shape[i];
    if (shape[i] == -1 && rest < 0) {
      rest = static_cast<std::int64_t>(i);
      shape[i] = 1;
    }
  }
  const std::int64_t have = element_count(data.shape), want = element_count(shape);
  if (rest >= 0 && want > 0) shape[static_cast<std::size_t>(rest)] = have / want;
  if (element_count(shape) != have)
    invalid(node, "cannot reshape " + to_string(data.shape) + " to " + to_string(shape));
  return reshaped(data, std::move(shape));
}

// Replaces slices of a copy of the data by updates, at positions given by the last dimension of the indices.
Tensor scatter_nd(const Node& node, EvaluatorInputs inputs) {
  const Tensor &data = needed_input(node, inputs, 0), &where = needed_input(node, inputs, 1),
               &updates = needed_input(node, inputs, 2);
  if (node.attribute("reduction", "none") != "none") unsupported(node, "its reduction is not supported");
  if (where.is_float() || where.shape.empty() || data.is_float() != updates.is_float())
    invalid(node, "has wrong types");
  const auto depth = static_cast<std::size_t>(where.shape.back());
  if (where.shape.back() < 0 || depth > data.shape.size()) invalid(node, "has indices of too many dimensions");
  const std::int64_t run =
      element_count(Shape(data.shape.begin() + static_cast<std::ptrdiff_t>(depth), data.shape.end()));
  const std::int64_t count = element_count(Shape(where.shape.begin(), where.shape.end() - 1));
  if (element_count(updates.shape) != count * run) invalid(node, "has updates that do not match its indices");
  const Ints strides = strides_of(data.shape);
  Tensor result = data;
  std::visit(
      [&](auto& values) {
        const auto& from = std::get<std::decay_t<decltype(values)>>(updates.data);
        for (std::int64_t i = 0; i < count; ++i) {
          std::int64_t at = 0;
          for (std::size_t d = 0; d < depth; ++d) {
            std::int64_t position = where.ints()[static_cast<std::size_t>(i) * depth + d];
            if (position < 0) position += data.shape[d];
            if (position < 0 || position >= data.shape[d]) invalid(node, "has an index outside of the data");
            at += position * strides[d];
          }
          std::copy_n(from.begin() + i * run, run, values.begin() + at);
        }
      },
      result.data);
  return result;
}

}  // namespace

const Evaluators& arrangement_evaluators() {
  static const Evaluators all = {
      {"Slice", select},        {"Gather", select},        {"Expand", select},     {"Tile", select},
      {"Transpose", transpose}, {"Concat", concat},        {"Squeeze", squeeze},   {"Unsqueeze", squeeze},
      {"Reshape", reshape},     {"ScatterND", scatter_nd}, {"Identity", identity},
  };
  return all;
}

}  // namespace einet::graph
