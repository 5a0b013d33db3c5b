#include <ATen/ExpandUtils.h>

#include <algorithm>

#include "graph/axis.h"
#include "graph/selection.h"
#include "train/channels_last.h"
#include "train/operators/families.h"

namespace einet::train {
namespace {

using graph::Graph;
using graph::Node;
using Inputs = std::span<const at::Tensor>;
using Ints = std::vector<std::int64_t>;

Operation concat(const Graph&, const Node& node) {
  return [axis = node.attribute("axis", std::int64_t{1})](Inputs in, bool) {
    const bool alike = std::all_of(in.begin(), in.end(), [&](const at::Tensor& part) {
      return suits_channels_last(part) && part.scalar_type() == in[0].scalar_type();
    });
    if (axis == 1 && alike) return concat_channels({in.begin(), in.end()});
    return at::cat(at::TensorList(in.data(), in.size()), axis);
  };
}

Operation flatten(const Graph&, const Node& node) {
  return [node, axis = node.attribute("axis", std::int64_t{1})](Inputs in, bool) {
    const std::size_t split = graph::counted_axis(node, axis, in[0].dim(), true);
    std::int64_t rows = 1;
    for (std::size_t i = 0; i < split; ++i) rows *= in[0].size(static_cast<std::int64_t>(i));
    return in[0].reshape({rows, rows == 0 ? 0 : in[0].numel() / rows});
  };
}

/// Constant indices, counted from the back if negative; their dimensions replace the axis.
Operation gather(const Graph& graph, const Node& node) {
  const graph::Tensor& indices = constant(graph, node, 1);
  return [node, axis = node.attribute("axis", std::int64_t{0}), index = at::tensor(indices.ints()),
          shape = indices.shape](Inputs in, bool) {
    const auto at = static_cast<std::int64_t>(graph::counted_axis(node, axis, in[0].dim()));
    const at::Tensor from = at::where(index < 0, index + in[0].size(at), index).to(in[0].device());
    Ints sizes = in[0].sizes().slice(0, at).vec();
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    for (std::int64_t d = at + 1; d < in[0].dim(); ++d) sizes.push_back(in[0].size(d));
    return in[0].index_select(at, from).reshape(sizes);
  };
}

/// Expands to the shape that the input and the constant broadcast to.
Operation expand(const Graph& graph, const Node& node) {
  return [shape = constant(graph, node, 1).ints()](Inputs in, bool) {
    return in[0].expand(at::infer_size(in[0].sizes(), shape));
  };
}

Operation tile(const Graph& graph, const Node& node) {
  return [repeats = constant(graph, node, 1).ints()](Inputs in, bool) { return in[0].repeat(repeats); };
}

Operation reshape(const Graph& graph, const Node& node) {
  return [shape = constant(graph, node, 1).ints()](Inputs in, bool) {
    Ints sizes = shape;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i] == 0) sizes[i] = in[0].size(static_cast<std::int64_t>(i));
    }
    return in[0].reshape(sizes);
  };
}

Operation transpose(const Graph&, const Node& node) {
  return [node](Inputs in, bool) { return in[0].permute(dimensions(graph::transposition(node, in[0].dim()))); };
}

}  // namespace

const Compilers& arrangement_operators() {
  static const Compilers operators = {
      {"Concat", concat},   {"Expand", expand}, {"Flatten", flatten},     {"Gather", gather},
      {"Reshape", reshape}, {"Tile", tile},     {"Transpose", transpose},
  };
  return operators;
}

}  // namespace einet::train
