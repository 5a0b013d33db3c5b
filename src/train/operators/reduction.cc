#include "graph/selection.h"
#include "train/operators/families.h"

namespace einet::train {
namespace {

using Axes = std::vector<std::int64_t>;
using T = const at::Tensor&;

/// A function of a value, the axes to reduce (ascending) and whether to keep them with size 1. In float, because it may
/// sum many values.
template <class Function>
Compiler reduction(Function function) {
  return [function](const graph::Graph&, const graph::Node& node) -> Operation {
    return [function, node, keep = node.attribute("keepdims", std::int64_t{1}) != 0](std::span<const at::Tensor> in,
                                                                                     bool) {
      return function(in[0].to(at::kFloat), dimensions(graph::reduced_axes(node, in[0].dim())), keep);
    };
  };
}

at::Tensor product(T x, const Axes& axes, bool keep) {
  at::Tensor y = x;
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) y = at::prod(y, *axis, keep);
  return y;
}

/// Global pooling of [N,C,H,W].
template <class Function>
Compiler global_pool(Function function) {
  return each([function](T x) { return function(x, Axes{2, 3}); });
}

}  // namespace

const Compilers& reduction_operators() {
  static const Compilers operators = {
      {"GlobalAveragePool", global_pool([](T x, const Axes& axes) { return x.mean(axes, true); })},
      {"GlobalMaxPool", global_pool([](T x, const Axes& axes) { return x.amax(axes, true); })},
      {"ReduceL1", reduction([](T x, const Axes& axes, bool keep) { return x.abs().sum(axes, keep); })},
      {"ReduceL2",
       reduction([](T x, const Axes& axes, bool keep) { return at::linalg_vector_norm(x, 2, axes, keep); })},
      {"ReduceLogSum", reduction([](T x, const Axes& axes, bool keep) { return x.sum(axes, keep).log(); })},
      {"ReduceLogSumExp", reduction([](T x, const Axes& axes, bool keep) { return at::logsumexp(x, axes, keep); })},
      {"ReduceMax", reduction([](T x, const Axes& axes, bool keep) { return x.amax(axes, keep); })},
      {"ReduceMean", reduction([](T x, const Axes& axes, bool keep) { return x.mean(axes, keep); })},
      {"ReduceMin", reduction([](T x, const Axes& axes, bool keep) { return x.amin(axes, keep); })},
      {"ReduceProd", reduction(product)},
      {"ReduceSum", reduction([](T x, const Axes& axes, bool keep) { return x.sum(axes, keep); })},
      {"ReduceSumSquare", reduction([](T x, const Axes& axes, bool keep) { return x.square().sum(axes, keep); })},
  };
  return operators;
}

}  // namespace einet::train
