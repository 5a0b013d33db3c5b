// The batch dimension of each value is tracked from the input on. Transpose moves it, and reductions shift it. In the
// target of a Reshape, it is the dimension preceded by as many elements as in the input of the Reshape; there it is
// replaced by -1. With a batch of 1, it may be merged with other dimensions. PyTorch's attention does that twice: in
// [L,1,heads*d] -> [L,heads,d] the heads are inside the batch, in [L,heads,d] -> [L,heads*d] the batch is inside the
// tokens. The two are distinguished by the last dimension, the features, which the batch is never part of.
//
// At the end, all shapes for a batch of twice the size must equal those of the file except for the batch dimension.

#include "graph/open_batch.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "graph/axis.h"
#include "graph/constant_concat.h"
#include "graph/faults.h"
#include "graph/onnx/unique_name.h"
#include "graph/selection.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

std::int64_t elements(const Shape& shape, std::size_t from, std::size_t to) {
  return element_count(
      Shape(shape.begin() + static_cast<std::ptrdiff_t>(from), shape.begin() + static_cast<std::ptrdiff_t>(to)));
}

/// Where the batch is in a value.
struct Position {
  std::size_t dimension = 0;
  std::int64_t outside = 1;  ///< Elements of this dimension that are outside the batch.
};

/// Its position in the result `y` of a Reshape, given its position in the input `x`.
Position reshaped(const Node& node, const Shape& x, const Position& at, const Shape& y, std::int64_t batch) {
  const std::int64_t before = elements(x, 0, at.dimension) * at.outside;
  std::optional<Position> first, inside;
  for (std::size_t d = 0; d < y.size(); ++d) {
    const std::int64_t until = elements(y, 0, d);
    if (until == before && y[d] == batch) return {d, 1};
    if (until == before && y[d] % batch == 0 && !first) first = Position{d, 1};
    if (until < before && before % until == 0 && y[d] % (before / until * batch) == 0) {
      inside = Position{d, before / until};
    }
  }
  if (inside && (!first || first->dimension + 1 == y.size())) return *inside;
  if (first) return *first;
  unsupported(node, "supports only one batch size");
}

class Opening {
 public:
  explicit Opening(Graph graph) : graph_(std::move(graph)), batch_(graph_.inputs.at(0).shape.at(0)) {
    shapes_ = infer_shapes(graph_, batch_);
    positions_[graph_.inputs[0].name] = {};
    for (const auto& [name, tensor] : graph_.initializers) names_.insert(name);
    for (const auto& [name, shape] : shapes_) names_.insert(name);
  }

  Graph run() && {
    for (Node& node : std::exchange(graph_.nodes, {})) {
      open(node);
      graph_.nodes.insert(graph_.nodes.end(), std::make_move_iterator(opened_.begin()),
                          std::make_move_iterator(opened_.end()));
      opened_.clear();
    }
    graph_.inputs[0].shape[0] = -1;
    check();
    return std::move(graph_);
  }

 private:
  /// Stores the replacement of `node` in opened_.
  void open(Node& node) {
    const auto read = std::ranges::find_if(node.inputs, [&](const auto& value) { return positions_.contains(value); });
    if (read != node.inputs.end()) {
      const std::string value = *read;
      Position at = positions_.at(value);
      if (node.op == "Reshape") {
        at = reshape(node, shapes_.at(value), at);
      } else {
        at.dimension = follow(node, shapes_.at(value), at.dimension);
      }
      positions_[node.outputs.front()] = at;
      if (node.op == "Concat" && batch_ == 1 && at.dimension == 0 && repeat_constants(node)) return;
    }
    opened_.push_back(std::move(node));
  }

  /// False if a Concat has no constant input.
  bool repeat_constants(const Node& node) {
    const Shape& image = shapes_.at(node.outputs.front());
    const std::size_t axis = counted_axis(node, node.attribute("axis", std::int64_t{0}), image.size());
    std::vector<ConcatInput> inputs;
    for (const std::string& value : node.inputs) {
      const Tensor* constant = positions_.contains(value) ? nullptr : graph_.constant(value);
      if (constant == nullptr && !positions_.contains(value)) unsupported(node, "supports only one batch size");
      inputs.push_back({value, constant == nullptr ? shapes_.at(value).at(axis) : constant->shape.at(axis), constant});
    }
    if (std::ranges::all_of(inputs, [](const ConcatInput& input) { return input.constant == nullptr; })) return false;
    const auto fresh = [&](const std::string& suffix) { return unique_name(node.name + "." + suffix, names_, "_"); };
    opened_ = concat_with_constants(node, image, inputs, fresh, [&](Tensor constant) {
      std::string name = fresh("repeated");
      graph_.initializers.emplace(name, std::move(constant));
      return name;
    });
    // The constant of an Add would be trained, but the file has no place for the result. That of a Sub is not trained.
    Node& last = opened_.back();
    last.op = "Sub";
    for (float& value : graph_.initializers.at(last.inputs[1]).floats()) value = -value;
    return true;
  }

  Position reshape(Node& node, const Shape& x, const Position& at) {
    const Shape& y = shapes_.at(node.outputs.front());
    const Position to = reshaped(node, x, at, y, batch_);
    std::vector<std::int64_t> target = y;
    target[to.dimension] = -1;
    node.inputs[1] = unique_name(node.name + ".shape", names_, "_");
    graph_.initializers.emplace(node.inputs[1], Tensor({static_cast<std::int64_t>(y.size())}, std::move(target)));
    return to;
  }

  /// The batch dimension in the result of any other node, given that in its input of shape `x`.
  std::size_t follow(const Node& node, const Shape& x, std::size_t at) const {
    const Shape& y = shapes_.at(node.outputs.front());
    if (node.op == "Transpose") {
      const std::vector<std::size_t> source = transposition(node, x.size());
      return static_cast<std::size_t>(std::ranges::find(source, at) - source.begin());
    }
    if (node.op == "Flatten") {
      const auto axis =
          static_cast<std::size_t>(counted_axis(node, node.attribute("axis", std::int64_t{1}), x.size(), true));
      if (elements(x, at < axis ? 0 : axis, at) == 1) return at < axis ? 0 : 1;
      unsupported(node, "supports only one batch size");
    }
    if (node.op.starts_with("Reduce")) {
      const std::vector<std::size_t> axes = reduced_axes(node, x.size());
      if (y.size() == x.size()) return at;
      return at - static_cast<std::size_t>(std::ranges::count_if(axes, [&](std::size_t axis) { return axis < at; }));
    }
    if (node.op == "Gather" && y.size() < x.size()) {
      return at - (counted_axis(node, node.attribute("axis", std::int64_t{0}), x.size()) < at ? 1 : 0);
    }
    return y.size() - x.size() + at;  // Shapes of different rank are aligned at their ends.
  }

  void check() const {
    const Shapes doubled = [&] {
      try {
        return infer_shapes(graph_, 2 * batch_);
      } catch (const Error& error) {
        unsupported("network '" + graph_.name + "'",
                    "supports only batches of " + std::to_string(batch_) + ": " + error.what());
      }
    }();
    for (const Node& node : graph_.nodes) {
      const auto at = positions_.find(node.outputs.front());
      if (at == positions_.end()) continue;
      Shape expected = shapes_.at(at->first);
      if (at->second.dimension < expected.size()) expected[at->second.dimension] *= 2;
      if (doubled.at(at->first) != expected) unsupported(node, "supports only one batch size");
    }
    for (const std::string& output : graph_.outputs) {
      const auto at = positions_.find(output);
      if (at == positions_.end() || at->second.dimension != 0 || at->second.outside != 1)
        unsupported("output '" + output + "'", "does not begin with the batch dimension");
    }
  }

  Graph graph_;
  std::int64_t batch_;
  Shapes shapes_;
  std::unordered_map<std::string, Position> positions_;  ///< Position of the batch in values that depend on it.
  std::unordered_set<std::string> names_;
  std::vector<Node> opened_;  ///< The replacement of the current node.
};

}  // namespace

Graph open_batch(Graph graph) {
  if (graph.inputs.at(0).shape.front() == -1) return graph;
  return Opening(std::move(graph)).run();
}

}  // namespace einet::graph
