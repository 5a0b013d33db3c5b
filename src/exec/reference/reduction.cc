#include <vector>

#include "einet/graph/selection.h"
#include "reference/loop.h"

namespace einet::exec {
namespace {

// Every element of x is added to the one element of the result that it belongs to.
Loop reduce_mean(const Operands& o) {
  const graph::Shape& x = o.inputs[0];
  graph::Shape kept = x;
  for (const std::size_t axis : graph::reduced_axes(o.node, x.size())) kept[axis] = 1;
  const std::int64_t count = graph::element_count(x), results = graph::element_count(kept);
  return [=](std::span<const float* const> in, float* out) {
    std::vector<double> sums(static_cast<std::size_t>(results), 0.0);
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t rest = i, to = 0, step = 1;
      for (std::size_t d = x.size(); d-- > 0; rest /= x[d]) {
        to += kept[d] == 1 ? 0 : rest % x[d] * step;
        step *= kept[d];
      }
      sums[static_cast<std::size_t>(to)] += in[0][i];
    }
    for (const double sum : sums)
      *out++ = static_cast<float>(sum * static_cast<double>(results) / static_cast<double>(count));
  };
}

}  // namespace

const LoopMakers& reduction_loops() {
  static const LoopMakers makers = {{"ReduceMean", reduce_mean}};
  return makers;
}

}  // namespace einet::exec
