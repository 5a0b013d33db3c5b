#include "graph/selection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <utility>

#include "graph/axis.h"
#include "graph/constant_inputs.h"
#include "graph/resize.h"

namespace einet::graph {
namespace {

// One dimension of the result.
struct Axis {
  std::int64_t size = 0;
  std::function<std::int64_t(std::int64_t)> source;
};

std::vector<std::int64_t> integers(const Node& node, Constants constants_, std::size_t i) {
  const Tensor& tensor = constant_input(node, constants_, i);
  if (tensor.is_float() || tensor.shape.size() != 1)
    invalid(node, "'" + node.inputs[i] + "' is not a list of integers");
  return tensor.ints();
}

std::vector<Axis> unchanged(const Shape& x) {
  std::vector<Axis> axes;
  for (const std::int64_t size : x) axes.push_back({size, [](std::int64_t i) { return i; }});
  return axes;
}

// Every `step`-th element from `start` up to, but excluding, `end`. Negative positions count from the back.
Axis slice(const Node& node, std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (step == 0) invalid(node, "has the step 0");
  if (size == 0) return {0, {}};
  if (start < 0) start += size;
  if (end < 0) end += size;
  start = std::clamp<std::int64_t>(start, 0, step > 0 ? size : size - 1);
  end = std::clamp<std::int64_t>(end, step > 0 ? 0 : -1, step > 0 ? size : size - 1);
  step = std::clamp(step, -size - 1, size + 1);  // Larger steps have the same effect.
  const std::int64_t way = step > 0 ? end - start : start - end;
  const std::int64_t count = std::max<std::int64_t>(0, (way + std::abs(step) - 1) / std::abs(step));
  return {count, [=](std::int64_t i) { return start + i * step; }};
}

std::vector<Axis> sliced(const Node& node, const Shape& x, Constants given) {
  const auto starts = integers(node, given, 1), ends = integers(node, given, 2);
  std::vector<std::int64_t> axes(starts.size()), steps(starts.size(), 1);
  std::iota(axes.begin(), axes.end(), 0);
  if (has_input(node, 3)) axes = integers(node, given, 3);
  if (has_input(node, 4)) steps = integers(node, given, 4);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size()) {
    invalid(node, "has starts, ends, axes and steps of different lengths");
  }
  std::vector<Axis> result = unchanged(x);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = counted_axis(node, axes[i], x.size());
    result[axis] = slice(node, x[axis], starts[i], ends[i], steps[i]);
  }
  return result;
}

Axis pad(const Node& node, const std::string& mode, std::int64_t size, std::int64_t before, std::int64_t after) {
  if (std::abs(before) > kLargestSize || std::abs(after) > kLargestSize) invalid(node, "has pads that are too large");
  const std::int64_t padded = size + before + after;
  if (padded < 0) invalid(node, "removes more elements than there are");
  if (mode == "constant") {
    return {padded, [=](std::int64_t i) { return i < before || i - before >= size ? Selection::kFilled : i - before; }};
  }
  if (size < 1) invalid(node, "cannot pad a dimension of size 0 with mode '" + mode + "'");
  if (mode == "edge") {
    return {padded, [=](std::int64_t i) { return std::clamp<std::int64_t>(i - before, 0, size - 1); }};
  }
  if (mode == "reflect") {
    if (before >= size || after >= size) invalid(node, "reflects more elements than there are");
    return {padded, [=](std::int64_t i) {
              const std::int64_t at = std::abs(i - before);
              return at < size ? at : 2 * (size - 1) - at;
            }};
  }
  if (mode == "wrap") return {padded, [=](std::int64_t i) { return ((i - before) % size + size) % size; }};
  unsupported(node, "the mode '" + mode + "' is not supported");
}

std::vector<Axis> padded(const Node& node, const Shape& x, Constants given) {
  const auto pads = integers(node, given, 1);
  if (pads.size() != 2 * x.size()) {
    invalid(node, "has " + std::to_string(pads.size()) + " pads for " + std::to_string(x.size()) + " dimensions");
  }
  std::vector<Axis> result;
  for (std::size_t d = 0; d < x.size(); ++d) {
    result.push_back(pad(node, node.attribute("mode", "constant"), x[d], pads[d], pads[d + x.size()]));
  }
  return result;
}

std::vector<Axis> resized(const Node& node, const Shape& x, Constants given) {
  std::vector<Axis> result;
  for (const ResizedAxis& axis : resized_axes(node, x, given)) {
    result.push_back({axis.out, [=](std::int64_t i) { return axis.nearest(i); }});
  }
  return result;
}

// The selected elements of one dimension; their shape is that of the indices.
std::vector<Axis> gathered(const Node& node, const Shape& x, Constants given) {
  const Tensor& chosen = constant_input(node, given, 1);
  if (chosen.is_float()) invalid(node, "'" + node.inputs[1] + "' is not a list of integers");
  const std::size_t axis = counted_axis(node, node.attribute("axis", std::int64_t{0}), x.size());
  for (const std::int64_t i : chosen.ints()) {
    if (i < -x[axis] || i >= x[axis]) {
      invalid(node, "gathers element " + std::to_string(i) + " of " + std::to_string(x[axis]));
    }
  }
  std::vector<Axis> result = unchanged(x);
  result[axis] = {element_count(chosen.shape), [&chosen, size = x[axis]](std::int64_t i) {
                    const std::int64_t at = chosen.ints()[static_cast<std::size_t>(i)];
                    return at < 0 ? at + size : at;
                  }};
  return result;
}

// NumPy's broadcasting to a shape, in which 1 keeps a dimension unchanged. `x` has as many dimensions as the result.
std::vector<Axis> expanded(const Node& node, const Shape& x, Constants given) {
  std::vector<std::int64_t> sizes = integers(node, given, 1);
  sizes.insert(sizes.begin(), x.size() - sizes.size(), 1);
  std::vector<Axis> result = unchanged(x);
  for (std::size_t d = 0; d < x.size(); ++d) {
    if (sizes[d] == 1 || sizes[d] == x[d]) continue;
    if (x[d] != 1 || sizes[d] < 0) invalid(node, "cannot expand " + to_string(x) + " to " + to_string(sizes));
    result[d] = {sizes[d], [](std::int64_t) { return 0; }};
  }
  return result;
}

std::vector<Axis> tiled(const Node& node, const Shape& x, Constants given) {
  const auto repeats = integers(node, given, 1);
  if (repeats.size() != x.size()) {
    invalid(node, "has " + std::to_string(repeats.size()) + " repeats for " + std::to_string(x.size()) + " dimensions");
  }
  std::vector<Axis> result = unchanged(x);
  for (std::size_t d = 0; d < x.size(); ++d) {
    if (repeats[d] < 0 || repeats[d] > kLargestSize || x[d] > kLargestSize / std::max<std::int64_t>(1, repeats[d])) {
      invalid(node, "cannot repeat " + to_string(x) + " " + to_string(repeats) + " times");
    }
    result[d] = {x[d] * repeats[d], [size = x[d]](std::int64_t i) { return i % size; }};
  }
  return result;
}

// One per dimension of selected_from().
std::vector<Axis> axes_of(const Node& node, const Shape& x, Constants given) {
  if (node.op == "Slice") return sliced(node, x, given);
  if (node.op == "Pad") return padded(node, x, given);
  if (node.op == "Gather") return gathered(node, x, given);
  if (node.op == "Expand") return expanded(node, x, given);
  if (node.op == "Tile") return tiled(node, x, given);
  return resized(node, x, given);
}

Shape selected_from(const Node& node, Shape x, Constants given) {
  if (node.op != "Expand") return x;
  const std::size_t rank = integers(node, given, 1).size();
  if (rank > x.size()) x.insert(x.begin(), rank - x.size(), 1);
  return x;
}

}  // namespace

std::vector<const Tensor*> constants(const Graph& graph, const Node& node) {
  std::vector<const Tensor*> result;
  for (const std::string& value : node.inputs) result.push_back(value.empty() ? nullptr : graph.constant(value));
  return result;
}

bool is_selection(const Node& node) {
  static constexpr std::array kOperators = {"Slice", "Pad", "Resize", "Gather", "Expand", "Tile"};
  return std::ranges::find(kOperators, node.op) != kOperators.end();
}

Shape selected_shape(const Node& node, const Shape& x, std::span<const Tensor* const> constants) {
  Shape shape;
  for (const Axis& axis : axes_of(node, selected_from(node, x, constants), constants)) shape.push_back(axis.size);
  if (node.op != "Gather") return shape;
  const auto axis = static_cast<std::ptrdiff_t>(counted_axis(node, node.attribute("axis", std::int64_t{0}), x.size()));
  const Shape& chosen = constant_input(node, constants, 1).shape;
  shape.erase(shape.begin() + axis);
  shape.insert(shape.begin() + axis, chosen.begin(), chosen.end());
  return shape;
}

Selection selection(const Node& node, const Shape& x, std::span<const Tensor* const> constants) {
  Selection result;
  if (interpolates(node)) unsupported(node, "the mode '" + node.attribute("mode", "") + "' is not a selection");
  result.from = selected_from(node, x, constants);
  for (const Axis& axis : axes_of(node, result.from, constants)) {
    std::vector<std::int64_t>& source = result.source.emplace_back(static_cast<std::size_t>(axis.size));
    for (std::int64_t i = 0; i < axis.size; ++i) source[static_cast<std::size_t>(i)] = axis.source(i);
  }
  if (node.op == "Resize") result.fill = node.attribute("extrapolation_value", 0.0f);
  if (node.op == "Pad" && has_input(node, 2)) {
    const Tensor& value = constant_input(node, constants, 2);
    if (!value.is_float() || value.floats().size() != 1)
      invalid(node, "'" + node.inputs[2] + "' is not a float scalar");
    result.fill = value.floats().front();
  }
  return result;
}

std::vector<std::size_t> transposition(const Node& node, std::size_t rank) {
  std::vector<std::int64_t> given(rank);
  std::iota(given.rbegin(), given.rend(), 0);
  given = node.attribute("perm", given);
  std::vector<char> taken(rank, 0);
  std::vector<std::size_t> result;
  for (const std::int64_t axis : given) {
    const std::size_t at = counted_axis(node, axis, rank);
    if (std::exchange(taken[at], 1) != 0) invalid(node, "perm names a dimension twice");
    result.push_back(at);
  }
  if (result.size() != rank) invalid(node, "perm does not match a value with " + std::to_string(rank) + " dimensions");
  return result;
}

std::vector<std::size_t> reduced_axes(const Node& node, std::size_t rank) {
  std::vector<char> reduced(rank, 0);
  const auto given = node.attribute("axes", std::vector<std::int64_t>{});
  if (given.empty()) reduced.assign(rank, 1);
  for (const std::int64_t axis : given) reduced[counted_axis(node, axis, rank)] = 1;
  std::vector<std::size_t> axes;
  for (std::size_t d = 0; d < rank; ++d) {
    if (reduced[d] != 0) axes.push_back(d);
  }
  return axes;
}

}  // namespace einet::graph
