#include "train/selection.h"

#include <algorithm>
#include <optional>

#include "graph/selection.h"

namespace einet::train {
namespace {

using Positions = std::vector<std::int64_t>;

/// The elements of `x` at `from` along `dimension`; `fill` where `from` is kFilled.
at::Tensor take(const at::Tensor& x, std::int64_t dimension, const Positions& from, float fill) {
  bool all = static_cast<std::int64_t>(from.size()) == x.size(dimension);
  for (std::size_t i = 0; all && i < from.size(); ++i) all = from[i] == static_cast<std::int64_t>(i);
  if (all) return x;
  // Filled elements are read from an additional one after the last.
  Positions index = from;
  std::replace(index.begin(), index.end(), graph::Selection::kFilled, x.size(dimension));
  const bool filled = index != from;
  std::vector<std::int64_t> behind(2 * static_cast<std::size_t>(x.dim() - dimension), 0);
  behind.back() = 1;
  const at::Tensor source = filled ? at::constant_pad_nd(x, behind, fill) : x;
  return source.index_select(dimension, at::tensor(index, at::kLong).to(x.device()));
}

/// Each position of the result along `dimension` is the sum over its taps; `fill` if it has none.
at::Tensor weigh(const at::Tensor& x, std::int64_t dimension, const std::vector<graph::Interpolation::Taps>& taps,
                 float fill) {
  const auto count = static_cast<std::int64_t>(taps.size());
  at::Tensor weights = at::zeros({count, x.size(dimension)});
  auto cells = weights.accessor<float, 2>();
  std::vector<std::int64_t> empty;
  for (std::int64_t to = 0; to < count; ++to) {
    const graph::Interpolation::Taps& here = taps[static_cast<std::size_t>(to)];
    if (here.empty()) empty.push_back(to);
    for (const auto& [from, weight] : here) cells[to][from] += weight;
  }
  const at::Tensor factors = weights.to(x.device(), x.scalar_type());
  const at::Tensor y = at::matmul(x.movedim(dimension, -1), factors.t()).movedim(-1, dimension);
  return empty.empty() ? y : y.index_fill(dimension, at::tensor(empty, at::kLong).to(x.device()), fill);
}

at::Tensor interpolated(at::Tensor x, const graph::Interpolation& by) {
  for (std::size_t d = 0; d < by.taps.size(); ++d) {
    const auto dimension = static_cast<std::int64_t>(d);
    if (!by.keeps(d, x.size(dimension))) x = weigh(x, dimension, by.taps[d], by.fill);
  }
  return x;
}

}  // namespace

Operation selection(const graph::Graph& graph, const graph::Node& node) {
  std::vector<std::optional<graph::Tensor>> constants;  // Copies, because the graph need not outlive the operation.
  for (const graph::Tensor* constant : graph::constants(graph, node)) {
    constants.push_back(constant == nullptr ? std::nullopt : std::optional(*constant));
  }
  return [node, constants = std::move(constants)](std::span<const at::Tensor> in, bool) {
    std::vector<const graph::Tensor*> views;
    for (const auto& constant : constants) views.push_back(constant ? &*constant : nullptr);
    const graph::Shape shape(in[0].sizes().begin(), in[0].sizes().end());
    if (graph::interpolates(node)) return interpolated(in[0], graph::interpolation(node, shape, views));
    const graph::Selection chosen = graph::selection(node, shape, views);
    at::Tensor x = in[0];
    for (std::size_t d = 0; d < chosen.source.size(); ++d) {
      x = take(x, static_cast<std::int64_t>(d), chosen.source[d], chosen.fill);
    }
    return x;
  };
}

}  // namespace einet::train
