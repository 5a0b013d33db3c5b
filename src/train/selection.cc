#include "train/selection.h"

#include <algorithm>
#include <optional>

#include "graph/selection.h"

namespace einet::train {
namespace {

using Positions = std::vector<std::int64_t>;

/// `x` with the elements at `from` along `dimension`; `fill` where it says kFilled.
at::Tensor take(const at::Tensor& x, std::int64_t dimension, const Positions& from, float fill) {
  bool all = static_cast<std::int64_t>(from.size()) == x.size(dimension);
  for (std::size_t i = 0; all && i < from.size(); ++i) all = from[i] == static_cast<std::int64_t>(i);
  if (all) return x;
  // What is filled comes from one more element, after the last.
  Positions index = from;
  std::replace(index.begin(), index.end(), graph::Selection::kFilled, x.size(dimension));
  const bool filled = index != from;
  std::vector<std::int64_t> behind(2 * static_cast<std::size_t>(x.dim() - dimension), 0);
  behind.back() = 1;
  const at::Tensor source = filled ? at::constant_pad_nd(x, behind, fill) : x;
  return source.index_select(dimension, at::tensor(index, at::kLong).to(x.device()));
}

}  // namespace

Operation selection(const graph::Graph& graph, const graph::Node& node) {
  std::vector<std::optional<graph::Tensor>> constants;  // Copies: the graph may be gone when the operation runs.
  for (const graph::Tensor* constant : graph::constants(graph, node)) {
    constants.push_back(constant == nullptr ? std::nullopt : std::optional(*constant));
  }
  return [node, constants = std::move(constants)](std::span<const at::Tensor> in, bool) {
    std::vector<const graph::Tensor*> views;
    for (const auto& constant : constants) views.push_back(constant ? &*constant : nullptr);
    const graph::Shape shape(in[0].sizes().begin(), in[0].sizes().end());
    const graph::Selection chosen = graph::selection(node, shape, views);
    at::Tensor x = in[0];
    for (std::size_t d = 0; d < chosen.source.size(); ++d) {
      x = take(x, static_cast<std::int64_t>(d), chosen.source[d], chosen.fill);
    }
    return x;
  };
}

}  // namespace einet::train
