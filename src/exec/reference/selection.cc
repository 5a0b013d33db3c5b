#include "einet/graph/selection.h"

#include "reference/loop.h"

namespace einet::exec {
namespace {

// Slice, Pad, Resize: element by element.
Loop select(const Operands& o) {
  const auto constants = graph::constants(o.graph, o.node);
  return [=, x = o.inputs[0], y = o.output, selection = graph::selection(o.node, o.inputs[0], constants),
          count = graph::element_count(o.output)](std::span<const float* const> in, float* out) {
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t rest = i, from = 0, step = 1;
      bool filled = false;
      for (std::size_t d = y.size(); d-- > 0; rest /= y[d], step *= x[d]) {
        const std::int64_t source = selection.source[d][static_cast<std::size_t>(rest % y[d])];
        filled = filled || source == graph::Selection::kFilled;
        from += source * step;
      }
      out[i] = filled ? selection.fill : in[0][from];
    }
  };
}

}  // namespace

const LoopMakers& selection_loops() {
  static const LoopMakers makers = {{"Slice", select}, {"Pad", select}, {"Resize", select}};
  return makers;
}

}  // namespace einet::exec
